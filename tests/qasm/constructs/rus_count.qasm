// expect: 11 0.25, 01 0.5, 10 0.25
// The turns of repeat until success, up to 3
OPENQASM 3.0;
include "stdgates.inc";
qubit q;
bool done = false;
bit[2] turns;
uint[2] count = 0;
while (!done && count < 3) {
    reset q;
    h q;
    done = measure q;
    count += 1;
}
turns = count;
