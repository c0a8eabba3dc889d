// expect: 0 0110 1
// Bits that start at a value, are assigned and negated
OPENQASM 3.0;
include "stdgates.inc";
bit[4] c = "0111";
bit d = true;
qubit q;
c[0] = !c[0];
d = c[0] ^ false;
x q;
