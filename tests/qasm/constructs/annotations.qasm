// expect: 1 1
// Pragmas and annotations are kept
OPENQASM 3.0;
include "stdgates.inc";
#pragma own remark
qubit q;
@keep together
x q;
bit c;
c = measure q;
