#!/usr/bin/env python3
"""Reads what Amazon Braket's exporter writes.

    braket_parity.py [--cases N] [--seed N]

Each case: a random braket.circuits.Circuit over all its gates, some controlled, some to a power, some in verbatim boxes,
on registers or on physical qubits, goes through Circuit.to_ir and `qdcnn emit --dialect qiskit`; Qiskit's reading of the
answer must have the matrix of Circuit.to_unitary, up to global phase, to 1e-10. The environment variable QDCNN_BUILD names
the build folder (default build).
"""

import argparse
import os
import pathlib
import subprocess
import sys
import tempfile
import warnings

import numpy as np
from braket.circuits import Circuit
from braket.circuits.serialization import IRType, OpenQASMSerializationProperties, QubitReferenceType
from qiskit import qasm3

import exact

QDCNN = pathlib.Path(os.environ.get("QDCNN_BUILD", "build")) / "qdcnn"
TOLERANCE = 1e-10
# Name of the method, qubits, angles.
GATES = [("i", 1, 0), ("x", 1, 0), ("y", 1, 0), ("z", 1, 0), ("h", 1, 0), ("s", 1, 0), ("si", 1, 0), ("t", 1, 0),
         ("ti", 1, 0), ("v", 1, 0), ("vi", 1, 0), ("rx", 1, 1), ("ry", 1, 1), ("rz", 1, 1), ("phaseshift", 1, 1),
         ("u", 1, 3), ("prx", 1, 2), ("gpi", 1, 1), ("gpi2", 1, 1), ("cnot", 2, 0), ("cy", 2, 0), ("cz", 2, 0),
         ("cv", 2, 0), ("swap", 2, 0), ("iswap", 2, 0), ("ecr", 2, 0), ("pswap", 2, 1), ("xy", 2, 1), ("xx", 2, 1),
         ("yy", 2, 1), ("zz", 2, 1), ("cphaseshift", 2, 1), ("cphaseshift00", 2, 1), ("cphaseshift01", 2, 1),
         ("cphaseshift10", 2, 1), ("ms", 2, 3), ("ccnot", 3, 0), ("cswap", 3, 0)]
# Under a control readers disagree on the phase of U; ours takes the specification's, Braket another.
NOT_CONTROLLED = {"u"}  # and what has a control already
WIDTH = 4


def add_gate(circuit, random, is_plain):
    name, qubits, angles = GATES[random.integers(len(GATES))]
    on = [int(q) for q in random.permutation(WIDTH)]
    values = [float(value) for value in random.uniform(-3, 3, angles)]
    options = {}
    if not is_plain and qubits < 3 and name[0] != "c" and name not in NOT_CONTROLLED and random.uniform() < 0.3:
        options["control"] = [on[qubits]]
        options["control_state"] = [int(random.integers(2))]
    if not is_plain and random.uniform() < 0.2:
        options["power"] = int(random.integers(-2, 4))
    getattr(circuit, name)(*on[:qubits], *values, **options)


def random_circuit(random):
    circuit = Circuit()
    for _ in range(12):
        if random.uniform() < 0.1:
            box = Circuit()
            for _ in range(3):
                add_gate(box, random, True)
            circuit.add_verbatim_box(box)
        else:
            add_gate(circuit, random, False)
    for qubit in range(WIDTH):
        circuit.i(qubit)
    return circuit


def difference(circuit, text, folder):
    source, target = folder / "in.qasm", folder / "out.qasm"
    source.write_text(text)
    answer = subprocess.run([QDCNN, "emit", source, "--dialect", "qiskit", "-o", target], capture_output=True, text=True)
    if answer.returncode != 0:
        raise RuntimeError(answer.stderr.strip())
    steps = exact.QiskitSteps(qasm3.loads(target.read_text())).steps
    # The exporter measures all qubits at the end.
    got = exact.unitary([step for step in steps if step[0] == "gate"], WIDTH)
    # Braket's first qubit is the highest bit of an index.
    order = [int(format(index, f"0{WIDTH}b")[::-1], 2) for index in range(2**WIDTH)]
    wanted = np.asarray(circuit.to_unitary())[np.ix_(order, order)]
    return exact.matrix_difference(wanted, got)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--cases", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    worst, failures = 0.0, 0
    used = set()
    with tempfile.TemporaryDirectory() as folder:
        for index in range(options.cases):
            circuit = random_circuit(np.random.default_rng(options.seed + index))
            used |= {instruction.operator.name for instruction in circuit.instructions}
            kind = (QubitReferenceType.VIRTUAL, QubitReferenceType.PHYSICAL)[index % 2]
            text = circuit.to_ir(IRType.OPENQASM, serialization_properties=OpenQASMSerializationProperties(kind)).source
            try:
                found = difference(circuit, text, pathlib.Path(folder))
            except Exception as error:  # Whatever either side says of a text that it does not read.
                print(f"case {index}: {type(error).__name__}: {error}")
                failures += 1
                continue
            worst = max(worst, found)
            if not found <= TOLERANCE:
                print(f"case {index}: differs by {found:.3g}")
                failures += 1
    print(f"{options.cases} texts of Braket's exporter through qdcnn, {len(used)} kinds of gates, seed {options.seed}: "
          f"{failures} failed, worst difference {worst:.2g}")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
