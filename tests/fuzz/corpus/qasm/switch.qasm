// expect: 11 00 0.25, 01 01 0.25, 01 10 0.25, 00 11 0.25
// switch on a measured register
OPENQASM 3.0;
include "stdgates.inc";
qubit[2] q;
qubit[2] r;
bit[2] c;
bit[2] d;
h q;
c = measure q;
switch (c) {
    case 0 { x r; }
    case 1, 2 { x r[0]; }
    default { z r; }
}
d = measure r;
