// expect: 0 0.5, 1 0.5
// A measurement whose result nothing takes
OPENQASM 3.0;
include "stdgates.inc";
qubit[2] q;
bit c;
h q[0];
measure q;
h q[0];
c = measure q[0];
