// expect: 1 1
// Constants and expressions of them
OPENQASM 3.0;
include "stdgates.inc";
const int n = 2 ** 2 - 2;
const float angle_of = n * pi / 2;
qubit[n] q;
bit c;
rx(angle_of) q[n - 1];
c = measure q[1];
