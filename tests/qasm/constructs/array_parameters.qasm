// expect: 0 10 0.5, 1 01 0.5
// Subroutines that read and write arrays; a measured element
OPENQASM 3.0;
include "stdgates.inc";
qubit[2] q;
bit[2] c;
array[uint[4], 3] table = {1, 2, 3};
def total(readonly array[uint[4], #dim = 1] of) -> uint[4] {
    uint[4] sum;
    for uint[4] value in of { sum += value; }
    return sum;
}
def put(mutable array[uint[4], 3] into, uint[4] value) { into[1] = value; }
h q[0];
bit m = measure q[0];
put(table, m);
if (total(table) == 4) { x q[1]; }
c = measure q;
