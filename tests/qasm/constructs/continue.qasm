// expect: 011 1
// continue skips the rest of a turn
OPENQASM 3.0;
include "stdgates.inc";
qubit[3] q;
bit[3] c;
for uint i in [0:2] {
    if (i == 2) continue;
    x q[i];
}
c = measure q;
