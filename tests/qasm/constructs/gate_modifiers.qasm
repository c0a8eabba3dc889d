// expect: 0100 1
// inv, pow, ctrl and negctrl
OPENQASM 3.0;
include "stdgates.inc";
qubit[4] q;
bit[4] c;
x q[0];
negctrl @ x q[1], q[2];
ctrl @ inv @ pow(2) @ sx q[0], q[1];
ctrl(2) @ x q[0], q[1], q[3];
x q[3];
x q[1];
x q[0];
c = measure q;
