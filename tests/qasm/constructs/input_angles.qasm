// expect: 1 1
// Inputs as angles; here they are not used, so any value gives this
OPENQASM 3.0;
include "stdgates.inc";
input float[64] theta;
input angle phi;
input int[8] turns;
qubit q;
bit c;
x q;
rz(2 * theta - phi / 3 + turns) q;
c = measure q;
