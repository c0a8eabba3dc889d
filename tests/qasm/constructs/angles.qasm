// expect: 111111 1
// Angles count modulo a turn; angle[n] has n bits
OPENQASM 3.0;
include "stdgates.inc";
qubit[6] q;
bit[6] c;
angle[4] a = pi;
a += pi;
if (a == 0) x q[0];
angle b = -pi / 2;
if (b == 3 * pi / 2 && b > pi) x q[1];
const angle[2] coarse = 1.5;
if (bit[4](coarse) == "0100") x q[2];
if (angle[4]("1100") == b) x q[3];
if (b / angle[4](pi / 8) == 12) x q[4];
bool turned = bool(a * 3);
if (!turned && !bool(4 * b)) x q[5];
c = measure q;
