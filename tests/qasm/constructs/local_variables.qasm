// expect: 01 1
// Variables of blocks; an inner name hides the outer one
OPENQASM 3.0;
include "stdgates.inc";
qubit q;
bit[2] c;
uint[2] n = 1;
for int i in [0:2] {
    uint[2] n = 3;
    n += i;
}
c = n;
