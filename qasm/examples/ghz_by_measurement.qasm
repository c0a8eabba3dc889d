// expect: 000 00 0.125, 111 00 0.125, 000 01 0.125, 111 01 0.125, 000 10 0.125, 111 10 0.125, 000 11 0.125, 111 11 0.125
// A GHZ state in constant depth: neighbours' parities are measured and set right
OPENQASM 3.0;
include "stdgates.inc";
qubit[3] data;
qubit[2] between;
bit[2] parity;
bit[3] out;
h data;
cx data[0], between[0];
cx data[1], between[0];
cx data[1], between[1];
cx data[2], between[1];
parity = measure between;
if (parity[0]) { x data[1]; x data[2]; }
if (parity[1]) { x data[2]; }
out = measure data;
