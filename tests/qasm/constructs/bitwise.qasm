// expect: 1101 0111 0001 1
// &, |, ^, ~, << and >> on bit registers
OPENQASM 3.0;
include "stdgates.inc";
qubit[4] q;
bit[4] a;
bit[4] b;
bit[4] c;
x q[0]; x q[1];
a = measure q;
b = (a & "0001") | (a << 2) & "0100" | "0010";
a = a >> 1;
c = ~(b >> 1 ^ a);
c = c;
