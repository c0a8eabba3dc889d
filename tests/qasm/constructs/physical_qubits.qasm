// expect: 1 1
// Physical qubits
OPENQASM 3.0;
include "stdgates.inc";
bit c;
x $0;
cx $0, $1;
c = measure $1;
