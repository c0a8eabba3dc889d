// expect: 00 1
// A sequence of Clifford gates and its inverse
OPENQASM 3.0;
include "stdgates.inc";
qubit[2] q;
bit[2] c;
h q[0];
barrier q;
cz q[0], q[1];
barrier q;
s q[0];
cz q[0], q[1];
barrier q;
inv @ s q[0];
z q[0];
h q[0];
barrier q;
x q[0];
c = measure q;
