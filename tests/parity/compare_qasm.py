#!/usr/bin/env python3
"""Compares circuits that qdcnn wrote as OpenQASM with what Qiskit reads from them.

    compare_qasm.py FOLDER [--tolerance X]

FOLDER: case_*.qasm and case_*.json as `qdcnn_parity_cases FOLDER` writes them. Unitary circuits are compared by their
matrices up to global phase, dynamic ones by the exact distribution of their classical bits, which a small branching
simulation here takes from Qiskit's circuit and gate matrices. Ends with 1 when a case differs by more than the
tolerance or Qiskit does not read it.
"""

import argparse
import collections
import json
import pathlib
import sys

import numpy as np
from qiskit import qasm2, qasm3
from qiskit.quantum_info import Operator


def apply(matrix, qubits, state, width):
    """The state after a gate; bit i of a matrix index is qubits[i], qubit 0 the lowest bit of a state index."""
    count = len(qubits)
    axes = [width - 1 - qubit for qubit in reversed(qubits)]
    tensor = np.tensordot(matrix.reshape([2] * (2 * count)), state.reshape([2] * width),
                          axes=(list(range(count, 2 * count)), axes))
    return np.moveaxis(tensor, list(range(count)), axes).reshape(-1)


def split(state, qubit, width):
    """The parts of a state where the qubit is 0 and 1, not normalised."""
    index = np.arange(len(state)) >> qubit & 1
    return np.where(index == 0, state, 0), np.where(index == 1, state, 0)


def holds(condition, record, clbit_index):
    bits, value = condition
    bits = list(bits) if hasattr(bits, "__len__") else [bits]
    return sum((record >> clbit_index[bit] & 1) << i for i, bit in enumerate(bits)) == int(value)


def run(circuit, branches, qubit_index, clbit_index, width):
    """branches: list of (record, state). Every measurement and reset splits a branch in two."""
    for instruction in circuit.data:
        name = instruction.operation.name
        qubits = [qubit_index[qubit] for qubit in instruction.qubits]
        if name in ("barrier", "delay"):
            continue
        after = []
        for record, state in branches:
            if name == "measure":
                bit = clbit_index[instruction.clbits[0]]
                for value, part in enumerate(split(state, qubits[0], width)):
                    after.append((record & ~(1 << bit) | value << bit, part))
            elif name == "reset":
                zero, one = split(state, qubits[0], width)
                after += [(record, zero), (record, apply(np.array([[0, 1], [1, 0]]), qubits, one, width))]
            elif name == "if_else":
                blocks = instruction.operation.blocks
                taken = 0 if holds(instruction.operation.condition, record, clbit_index) else 1
                if taken >= len(blocks):
                    after.append((record, state))
                    continue
                block = blocks[taken]
                inner_qubits = {inner: qubit_index[outer] for inner, outer in zip(block.qubits, instruction.qubits)}
                inner_clbits = {inner: clbit_index[outer] for inner, outer in zip(block.clbits, instruction.clbits)}
                after += run(block, [(record, state)], inner_qubits, inner_clbits, width)
            else:
                after.append((record, apply(Operator(instruction.operation).data, qubits, state, width)))
        branches = [(record, state) for record, state in after if np.vdot(state, state).real > 1e-18]
    return branches


def distribution_of(circuit):
    width = circuit.num_qubits
    state = np.zeros(2**width, dtype=complex)
    state[0] = 1
    qubit_index = {qubit: i for i, qubit in enumerate(circuit.qubits)}
    clbit_index = {bit: i for i, bit in enumerate(circuit.clbits)}
    distribution = collections.defaultdict(float)
    for record, final in run(circuit, [(0, state)], qubit_index, clbit_index, width):
        distribution[format(record, f"0{circuit.num_clbits}b")] += np.vdot(final, final).real
    return distribution


def difference(path):
    expected = json.loads(path.with_suffix(".json").read_text())
    reader = qasm2.loads if expected["dialect"] == "qasm2" else qasm3.loads
    circuit = reader(path.read_text())
    circuit = circuit.assign_parameters({name: value for name, value in expected["parameters"].items()})
    if "distribution" in expected:
        got = distribution_of(circuit)
        keys = set(got) | set(expected["distribution"])
        return max(abs(got.get(key, 0) - expected["distribution"].get(key, 0)) for key in keys)
    wanted = np.array(expected["unitary"]).view(float).reshape(-1, 2) @ np.array([1, 1j])
    size = int(round(len(wanted) ** 0.5))
    wanted = wanted.reshape(size, size)
    # On physical qubits Qiskit has as many as the program names.
    missing = expected["qubits"] - circuit.num_qubits
    got = np.kron(np.eye(2**missing), Operator(circuit).data) if missing else Operator(circuit).data
    phase = np.vdot(wanted, got)
    return np.abs(got * np.conj(phase) / abs(phase) - wanted).max()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--tolerance", type=float, default=1e-10)
    options = parser.parse_args()
    paths = sorted(options.folder.glob("case_*.qasm"))
    if not paths:
        sys.exit(f"no case_*.qasm in {options.folder}")
    worst = collections.defaultdict(float)
    counts = collections.Counter()
    failures = 0
    for path in paths:
        expected = json.loads(path.with_suffix(".json").read_text())
        kind = f'{expected["dialect"]}, {"dynamic" if "distribution" in expected else "unitary"}'
        try:
            found = difference(path)
        except Exception as error:  # Whatever Qiskit says of a text it does not read.
            print(f"{path}: {type(error).__name__}: {error}")
            failures += 1
            continue
        counts[kind] += 1
        worst[kind] = max(worst[kind], found)
        if not found <= options.tolerance:
            print(f"{path}: differs by {found:.3g}")
            failures += 1
    for kind in sorted(counts):
        print(f"{kind:24} {counts[kind]:5} cases, worst difference {worst[kind]:.2g}")
    print(f"{len(paths)} cases, {failures} failed, tolerance {options.tolerance:g}")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
