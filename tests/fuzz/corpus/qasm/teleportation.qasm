// expect: 1 11 0.25, 1 10 0.25, 1 01 0.25, 1 00 0.25
// Teleportation with corrections that are fed forward
OPENQASM 3.0;
include "stdgates.inc";
qubit[3] q;
bit[2] c;
bit r;
U(0.3, 0.2, 0.1) q[0];
h q[1];
cx q[1], q[2];
cx q[0], q[1];
h q[0];
c[0] = measure q[0];
c[1] = measure q[1];
if (c[0]) z q[2];
if (c[1]) x q[2];
inv @ U(0.3, 0.2, 0.1) q[2];
x q[2];
r = measure q[2];
