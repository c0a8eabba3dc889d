// expect: 0110 1
// Arithmetic wraps at the declared width
OPENQASM 3.0;
include "stdgates.inc";
bit[4] c;
uint[4] a = 15;
int[4] b = 7;
a += 3;
b += 1;
if (a == 2 && b == -8) c = a * 3;
