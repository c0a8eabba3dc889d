// expect: 100 1
// A ripple-carry adder of 2 bits from gates of its own: 3 + 1 = 4
OPENQASM 3.0;
include "stdgates.inc";
gate majority a, b, c { cx c, b; cx c, a; ccx a, b, c; }
gate unmaj a, b, c { ccx a, b, c; cx c, a; cx a, b; }
qubit cin;
qubit[2] a;
qubit[2] b;
qubit cout;
bit[3] sum;
uint[2] left = 3;
uint[2] right = 1;
for int i in [0:1] {
    if (bool(left[i])) x a[i];
    if (bool(right[i])) x b[i];
}
majority cin, b[0], a[0];
majority a[0], b[1], a[1];
cx a[1], cout;
unmaj a[0], b[1], a[1];
unmaj cin, b[0], a[0];
sum[0:1] = measure b;
sum[2] = measure cout;
