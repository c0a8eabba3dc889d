// expect: 1 1
// Teleportation along a chain, by a subroutine in a loop
OPENQASM 3.0;
include "stdgates.inc";
def bell(qubit a, qubit b) {
    reset a;
    reset b;
    h a;
    cx a, b;
}
def send(qubit from, qubit a, qubit b) {
    bit m;
    cx from, a;
    h from;
    m = measure from;
    if (m) z b;
    m = measure a;
    if (m) x b;
}
qubit[3] q;
bit c;
x q[0];
for int i in [0:1] {
    bell(q[1], q[2]);
    send(q[0], q[1], q[2]);
    reset q[0];
    swap q[0], q[2];
}
c = measure q[0];
