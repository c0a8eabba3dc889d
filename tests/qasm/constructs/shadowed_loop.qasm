// expect: 0101 1
// while with a known condition is carried out
OPENQASM 3.0;
include "stdgates.inc";
qubit[4] q;
bit[4] c;
int[8] i = 0;
while (i < 4) {
    x q[i];
    i = i + 2;
}
c = measure q;
