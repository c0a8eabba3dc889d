// expect: 0011 1
// Gates and measurements over whole registers
OPENQASM 3.0;
include "stdgates.inc";
qubit[2] a;
qubit[2] b;
bit[4] c;
x a;
cx a, b;
x b;
c[0:1] = measure a;
c[2:3] = measure b;
