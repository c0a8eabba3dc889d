// expect: 1 1
// Arithmetic of durations
OPENQASM 3.0;
include "stdgates.inc";
qubit q;
bit c;
duration short = 100ns;
const duration long = 3 * 1us;
duration both = short + long / 2;
delay[both] q;
delay[2 * short] q;
x q;
c = measure q;
