// expect: 11 1
// A loop on a whole register
OPENQASM 3.0;
include "stdgates.inc";
qubit[2] q;
bit[2] c;
while (c != 3) {
    h q;
    c = measure q;
}
