#!/usr/bin/env python3
"""Sends Qiskit's own circuits through qdcnn and back.

    qasm_parity.py [--cases N] [--seed N]

Each case: Qiskit makes a random circuit and exports it (qasm3.dumps, and qasm2.dumps where version 2 can say it);
`qdcnn emit` reads that text and writes it in dialect qiskit; Qiskit reads the answer. Unitary circuits must have the same
matrix up to global phase, dynamic ones (measurements, resets, branches on bits and registers, two registers) the same
distribution, to 1e-10. The environment variable QDCNN_BUILD names the build folder (default build).
"""

import argparse
import os
import pathlib
import subprocess
import sys
import tempfile
import warnings

import numpy as np
from qiskit import ClassicalRegister, QuantumCircuit, QuantumRegister, qasm2, qasm3
from qiskit.circuit.random import random_circuit
from qiskit.quantum_info import Operator

from exact import distribution_difference, distribution_of, matrix_difference

QDCNN = pathlib.Path(os.environ.get("QDCNN_BUILD", "build")) / "qdcnn"
TOLERANCE = 1e-10


def through_qdcnn(text, folder):
    source, target = folder / "in.qasm", folder / "out.qasm"
    source.write_text(text)
    answer = subprocess.run([QDCNN, "emit", source, "--dialect", "qiskit", "-o", target], capture_output=True, text=True)
    if answer.returncode != 0:
        raise RuntimeError(answer.stderr.strip())
    return qasm3.loads(target.read_text())


def random_dynamic(random):
    qubits = QuantumRegister(3, "q")
    first, second = ClassicalRegister(2, "a"), ClassicalRegister(1, "b")
    circuit = QuantumCircuit(qubits, first, second)

    def some_gate():
        kind, qubit = random.integers(4), int(random.integers(3))
        if kind == 0:
            circuit.ry(random.uniform(-3, 3), qubit)
        elif kind == 1:
            circuit.rzz(random.uniform(-3, 3), qubit, (qubit + 1) % 3)
        elif kind == 2:
            circuit.ecr(qubit, (qubit + 1) % 3)
        else:
            circuit.u(*random.uniform(-3, 3, 3), qubit)

    for _ in range(8):
        some_gate()
        some_gate()
        circuit.measure(int(random.integers(3)), int(random.integers(3)))
        if random.uniform() < 0.2:
            circuit.reset(int(random.integers(3)))
        choice = random.integers(3)
        condition = [(first, int(random.integers(4))), (first[1], int(random.integers(2))), (second[0], 1)][choice]
        with circuit.if_test(condition) as otherwise:
            some_gate()
        if random.uniform() < 0.5:
            with otherwise:
                some_gate()
    return circuit


def differences(index, seed, folder):
    """Pairs of a name and a difference."""
    if index % 2 == 0:
        circuit = random_circuit(1 + index // 2 % 5, 6, max_operands=4, seed=seed + index)
        expected = Operator(circuit).data
        for name, text in [("qasm3.dumps", qasm3.dumps(circuit)), ("qasm2.dumps", qasm2.dumps(circuit))]:
            yield name, matrix_difference(expected, Operator(through_qdcnn(text, folder)).data)
    else:
        circuit = random_dynamic(np.random.default_rng(seed + index))
        got = distribution_of(through_qdcnn(qasm3.dumps(circuit), folder))
        yield "qasm3.dumps, dynamic", distribution_difference(distribution_of(circuit), got)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--cases", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    worst, failures, count = 0.0, 0, 0
    with tempfile.TemporaryDirectory() as folder:
        for index in range(options.cases):
            try:
                for name, difference in differences(index, options.seed, pathlib.Path(folder)):
                    count += 1
                    worst = max(worst, difference)
                    if not difference <= TOLERANCE:
                        print(f"case {index}, {name}: differs by {difference:.3g}")
                        failures += 1
            except Exception as error:  # Whatever either side says of a text it does not read.
                print(f"case {index}: {type(error).__name__}: {error}")
                failures += 1
    print(f"{count} texts from Qiskit through qdcnn and back, seed {options.seed}: {failures} failed, worst difference {worst:.2g}")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
