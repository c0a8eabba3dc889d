// expect: 11 0110 1
// Loops over the bits of a register, over angles and over floats
OPENQASM 3.0;
include "stdgates.inc";
qubit[4] q;
bit[4] c;
bit[2] b = "01";
x q[3];
b[1] = measure q[3];
x q[3];
for bit v in b { if (v) { rx(pi / 2) q[2]; } }
for angle t in {pi / 4, 3 * pi / 4} rx(t) q[1];
for float f in {0.25, -0.25} rz(f) q[1];
for bool flag in {true, false} if (flag) { x q[3]; x q[3]; }
c = measure q;
