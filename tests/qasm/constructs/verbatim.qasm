// expect: 11 0.5, 00 0.5
// The verbatim box of Braket on physical qubits
OPENQASM 3;
bit[2] c;
#pragma braket verbatim
box {
    h $0;
    cnot $0, $1;
}
c[0] = measure $0;
c[1] = measure $1;
