// expect: 1011 1
// Loops over a set, and a loop in a loop with a step
OPENQASM 3.0;
include "stdgates.inc";
qubit[4] q;
bit[4] c;
for int i in {3, 1} x q[i];
for uint[3] i in [0:2:2] for uint[3] j in [i:1] x q[j];
x q[1];
c = measure q;
