// expect: 1 1
// while (true) with a break that a measurement decides
OPENQASM 3.0;
include "stdgates.inc";
qubit q;
bit c;
while (true) {
    h q;
    c = measure q;
    if (c) break;
}
