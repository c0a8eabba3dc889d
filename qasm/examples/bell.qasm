// expect: 00 0.5, 11 0.5
// A Bell pair, measured: 00 and 11 half of the time each.
OPENQASM 3.0;
include "stdgates.inc";
qubit[2] q;
bit[2] meas;
h q[0];
cx q[0], q[1];
meas = measure q;
