// expect: 00 00 0.125, 11 00 0.125, 00 01 0.125, 11 01 0.125, 00 10 0.125, 11 10 0.125, 00 11 0.125, 11 11 0.125
// A cx between qubits that are not neighbours, through a Bell pair between them
OPENQASM 3.0;
include "stdgates.inc";
qubit[4] q;
bit[2] m;
bit[2] out;
h q[0];
// The pair.
h q[1];
cx q[1], q[2];
cx q[0], q[1];
m[0] = measure q[1];
if (m[0]) { x q[2]; }
cx q[2], q[3];
h q[2];
m[1] = measure q[2];
if (m[1]) { z q[0]; }
out[0] = measure q[0];
out[1] = measure q[3];
