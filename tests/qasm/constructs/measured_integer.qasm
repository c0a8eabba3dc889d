// expect: 1 0.25, 0 0.75
// A count of measured ones decides
OPENQASM 3.0;
include "stdgates.inc";
qubit[2] q;
bit r;
uint[2] ones = 0;
h q;
for int i in [0:1] {
    bool hit = measure q[i];
    ones += uint[2](hit);
}
if (ones >= 2) r = 1;
