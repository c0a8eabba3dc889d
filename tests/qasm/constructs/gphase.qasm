// expect: 1 1
// gphase in a gate is seen under a control
OPENQASM 3.0;
include "stdgates.inc";
gate minus q { gphase(pi); }
qubit[2] q;
bit c;
h q[0];
ctrl @ minus q[0], q[1];
h q[0];
c = measure q[0];
