// expect: 1 1
// Subroutines that call subroutines, with a result
OPENQASM 3.0;
include "stdgates.inc";
def parity(qubit[2] pair) -> bit {
    cx pair[0], pair[1];
    return measure pair[1];
}
def twice(qubit[2] pair) -> bool {
    bit first = parity(pair);
    return first ^ parity(pair);
}
qubit[2] q;
bit c;
x q[0];
c = twice(q);
