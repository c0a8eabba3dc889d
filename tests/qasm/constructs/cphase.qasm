// expect: 01 1
// Phase estimation of p(pi/2) with controlled powers and an inverse Fourier transform
OPENQASM 3.0;
include "stdgates.inc";
qubit[2] count;
qubit target;
bit[2] c;
x target;
h count;
for int k in [0:1] {
    ctrl @ pow(2 ** k) @ p(pi / 2) count[k], target;
}
h count[1];
cp(-pi / 2) count[0], count[1];
h count[0];
swap count[0], count[1];
c[0] = measure count[0];
c[1] = measure count[1];
