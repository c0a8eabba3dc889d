// expect: 111 11 1
// One round of the bit-flip code: the syndrome names the qubit to turn back
OPENQASM 3.0;
include "stdgates.inc";
qubit[3] data;
qubit[2] ancilla;
bit[2] syndrome;
bit[3] c;
x data[0];
cx data[0], data[1];
cx data[0], data[2];
x data[1];
cx data[0], ancilla[0];
cx data[1], ancilla[0];
cx data[1], ancilla[1];
cx data[2], ancilla[1];
syndrome = measure ancilla;
if (syndrome == 1) x data[0];
if (syndrome == 3) x data[1];
if (syndrome == 2) x data[2];
c = measure data;
