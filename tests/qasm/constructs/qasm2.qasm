// expect: 10 1
// OpenQASM 2 with its own words
OPENQASM 2.0;
include "qelib1.inc";
gate flip a { U(pi, 0, pi) a; }
opaque unknown(t) a, b;
qreg q[2];
creg c[2];
flip q[0];
CX q[0], q[1];
barrier q;
measure q[0] -> c[0];
if (c == 1) x q[0];
measure q -> c;
