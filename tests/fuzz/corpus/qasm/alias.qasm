// expect: 11 1
// let: names for parts of registers, joined and reversed
OPENQASM 3.0;
include "stdgates.inc";
qubit[2] a;
qubit[2] b;
bit[2] c;
let ends = a[1] ++ b[0];
let backwards = ends[1:-1:0];
x backwards;
c[0] = measure a[1];
c[1] = measure b[0];
