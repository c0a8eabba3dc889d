// expect: 1 1
// Built-in functions
OPENQASM 3.0;
include "stdgates.inc";
qubit q;
bit c;
rx(2 * arccos(0.0) * sqrt(4) / 2) q;
rz(sin(1) + cos(tan(0.5)) - exp(log(2)) + floor(2.7) + ceiling(0.2)) q;
p(mod(7, 4) * pow(2, 3) + popcount("1011")) q;
c = measure q;
