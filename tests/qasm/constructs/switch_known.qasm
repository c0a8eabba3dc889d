// expect: 1 1
// switch on a known value
OPENQASM 3.0;
include "stdgates.inc";
qubit q;
bit c;
const int mode = 3;
switch (mode) {
    case 1, 2 { h q; }
    case 3 { x q; }
}
c = measure q;
