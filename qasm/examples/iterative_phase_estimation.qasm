// expect: 101 1
// Iterative phase estimation of p(2 pi 5/8): one qubit reads three bits, the last one first
OPENQASM 3.0;
include "stdgates.inc";
qubit counter;
qubit eigenstate;
bit[3] c;
x eigenstate;
h counter;
ctrl @ p(4 * 2 * pi * 5 / 8) counter, eigenstate;
h counter;
c[0] = measure counter;
reset counter;
h counter;
ctrl @ p(2 * 2 * pi * 5 / 8) counter, eigenstate;
if (c[0]) { p(-pi / 2) counter; }
h counter;
c[1] = measure counter;
reset counter;
h counter;
ctrl @ p(2 * pi * 5 / 8) counter, eigenstate;
if (c[0]) { p(-pi / 4) counter; }
if (c[1]) { p(-pi / 2) counter; }
h counter;
c[2] = measure counter;
