// expect: 00 0.5, 01 0.5
// Active reset: a qubit that reads 1 is turned back
OPENQASM 3.0;
include "stdgates.inc";
qubit[1] q;
bit[2] c;
h q[0];
c[0] = measure q[0];
if (c[0]) { x q[0]; }
c[1] = measure q[0];
