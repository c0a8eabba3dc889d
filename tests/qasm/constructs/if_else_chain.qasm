// expect: 10 1
// else if
OPENQASM 3.0;
include "stdgates.inc";
qubit[2] q;
bit[2] c;
if (c == 1) {
    x q[0];
} else if (c == 0) {
    x q[1];
} else {
    x q;
}
c = measure q;
