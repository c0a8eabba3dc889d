// expect: 1 11 0.25, 0 00 0.25, 0 01 0.25, 1 10 0.25
// Comparisons of measured ints have a sign
OPENQASM 3.0;
include "stdgates.inc";
qubit[2] q;
bit[2] c;
bit negative;
h q;
c = measure q;
int[2] value = int[2](c);
negative = value < 0;
