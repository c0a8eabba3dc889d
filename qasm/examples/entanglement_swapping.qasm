// expect: 00 00 0.125, 11 00 0.125, 00 01 0.125, 11 01 0.125, 00 10 0.125, 11 10 0.125, 00 11 0.125, 11 11 0.125
// Entanglement swapping: q[0] and q[3] never meet and end as a Bell pair
OPENQASM 3.0;
include "stdgates.inc";
qubit[4] q;
bit[2] middle;
bit[2] ends;
h q[0];
cx q[0], q[1];
h q[2];
cx q[2], q[3];
// The middle two are measured in the Bell basis.
cx q[1], q[2];
h q[1];
middle[0] = measure q[1];
middle[1] = measure q[2];
if (middle[1]) { x q[3]; }
if (middle[0]) { z q[3]; }
ends[0] = measure q[0];
ends[1] = measure q[3];
