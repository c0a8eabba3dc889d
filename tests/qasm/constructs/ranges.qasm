// expect: 10110 1
// Slices with steps, negative indices and index sets
OPENQASM 3.0;
include "stdgates.inc";
qubit[5] q;
bit[5] c;
x q[0:2:4];
x q[-5];
x q[{1}];
c = measure q;
