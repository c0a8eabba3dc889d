// expect: 1 1
// Throws a coin until it shows 1
OPENQASM 3.0;
include "stdgates.inc";
qubit q;
bit c = 0;
while (!c) {
    h q;
    c = measure q;
}
