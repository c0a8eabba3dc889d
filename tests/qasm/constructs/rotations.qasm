// expect: 0011 1
// rotl and rotr of known and of measured bits
OPENQASM 3.0;
include "stdgates.inc";
qubit[4] q;
bit[4] c;
const bit[4] known = rotl("1011", 1);
if (known == "0111") x q[0];
if (rotr("0001", 1) == "1000") x q[1];
x q[3];
c = measure q;
uint[4] turned = rotl(c, -2);
if (turned != 14) x q[2];
x q[3];
c = measure q;
