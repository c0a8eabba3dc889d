// expect: 110110 1
// Arrays of known values: rows, elements, copies, sizes
OPENQASM 3.0;
include "stdgates.inc";
qubit[6] q;
bit[6] c;
array[int[8], 2, 3] grid = {{0, 1, 2}, {3, 4, 5}};
array[int[8], 3] row = grid[0];
array[float[64], 2] angles = {pi / 2, pi};
row[0] += 4;
grid[1][2] = row[0] + 1;
x q[grid[0][1]];
x q[row[2]];
for int i in row { if (i == 4) x q[i]; }
rx(angles[0]) q[grid[1, 2]];
rx(angles[0]) q[sizeof(grid, 1) + sizeof(grid)];
if (sizeof(grid) != 2 || sizeof(grid, 1) != 3) x q;
c = measure q;
