// expect: 010 1
// The inverse Fourier transform of 2 with measurement and feed-forward
OPENQASM 3.0;
include "stdgates.inc";
qubit[3] q;
bit[3] c;
h q;
for int i in [0:2] p(2 * pi * 2 / 8 * 2 ** i) q[i];
h q[2];
c[0] = measure q[2];
if (c[0]) p(-pi / 2) q[1];
if (c[0]) p(-pi / 4) q[0];
h q[1];
c[1] = measure q[1];
if (c[1]) p(-pi / 2) q[0];
h q[0];
c[2] = measure q[0];
