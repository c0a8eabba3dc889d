// expect: 01 0.5, 10 0.25, 11 0.125, 00 0.125
// break where a measurement decides it: the first 1 of up to three throws
OPENQASM 3.0;
include "stdgates.inc";
qubit q;
bool hit;
bit[2] turn;
uint[2] count = 0;
for int i in [1:3] {
    h q;
    hit = measure q;
    if (hit) {
        count = i;
        break;
    }
    reset q;
}
turn = count;
hit = 0;
