// expect: 1 11 0.25, 0 00 0.25, 0 01 0.25, 0 10 0.25
// &&, || and ! on measured bits
OPENQASM 3.0;
include "stdgates.inc";
qubit[3] q;
bit[2] c;
bit r;
h q[0];
h q[1];
c = measure q[0:1];
bool both = c[0] && c[1];
if (both && !(c == 0) || false) x q[2];
r = measure q[2];
