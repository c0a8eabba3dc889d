// expect: 0 0 0.5, 0 1 0.5
// A t gate from a magic state, a measurement and s; tdg and h then lead back to 0
OPENQASM 3.0;
include "stdgates.inc";
qubit data;
qubit magic;
bit m;
bit out;
h magic;
t magic;
h data;
cx data, magic;
m = measure magic;
if (m) { s data; }
tdg data;
h data;
out = measure data;
