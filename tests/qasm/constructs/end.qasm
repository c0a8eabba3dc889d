// expect: 0 1
// end leaves the program
OPENQASM 3.0;
include "stdgates.inc";
qubit q;
bit c;
c = measure q;
end;
x q;
c = measure q;
