// expect: 1 0.5, 0 0.5
// Measure, reset and use again
OPENQASM 3.0;
include "stdgates.inc";
qubit q;
bit c;
h q;
c = measure q;
reset q;
