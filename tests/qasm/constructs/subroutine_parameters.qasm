// expect: 1 10 1
// Classical parameters are copies
OPENQASM 3.0;
include "stdgates.inc";
def turn(qubit q, uint[4] times, angle by) -> uint[4] {
    for int i in [1:8] {
        if (times == 0) return 2;
        rx(by) q;
        times -= 1;
    }
    return times;
}
qubit q;
bit[2] left;
bit c;
uint[4] n = 3;
uint[4] result = turn(q, n, pi / 3);
left = result;
if (n != 3) left = 0;
c = measure q;
