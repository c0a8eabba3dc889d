// expect: 1 1
// A box keeps its operations together, for the time it says
OPENQASM 3.0;
include "stdgates.inc";
qubit[2] q;
bit c;
box {
    x q[0];
    delay[100ns] q[1];
}
box[1us] {
    cx q[0], q[1];
}
c = measure q[1];
