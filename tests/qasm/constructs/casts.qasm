// expect: 1 001 1
// Widths count: a cast cuts, an int has a sign
OPENQASM 3.0;
include "stdgates.inc";
bit[3] c;
bit d;
c = uint[3](uint[8](9));
if (int[2]("11") < 0 && uint[2]("11") > 0) d = true;
