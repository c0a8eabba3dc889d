#!/usr/bin/env python3
"""Reads every circuit that `qdcnn emit` writes for a sentence with Qiskit.

    emit_parity.py

For each model and target below the circuits of one sentence are emitted twice, as they are and transpiled to the
target. Qiskit reads both (qiskit.qasm3.loads); their outcome distributions must agree to 1e-10, so layout, bit order,
native gates and feed-forward are right by a reader that is not ours. The expectation values of Z, computed by Qiskit,
must be those of the manifest, and the bound form of each template must give the emitted circuit's distribution.
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import numpy as np
from qiskit import QuantumCircuit, qasm3
from qiskit.circuit import CircuitInstruction
from qiskit.circuit.library import XGate
from qiskit.quantum_info import Operator, Statevector

QDCNN = pathlib.Path(os.environ.get("QDCNN_BUILD", "build")) / "qdcnn"
TARGETS = ["ibm_torino", "ibm_sherbrooke", "iqm_garnet", "ionq_aria", "ionq_forte", "quantinuum_h2"]
SENTENCE = "friend grills fresh soup"
LIMIT = 1e-10


def run(*arguments: str | pathlib.Path) -> None:
    done = subprocess.run([QDCNN, *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"qdcnn {' '.join(map(str, arguments))} ended with {done.returncode}:\n{done.stderr}")


def apply(state: Statevector, step: CircuitInstruction, qubits: list[int]) -> Statevector:
    return state.evolve(step.operation, qubits)


def split(state: Statevector, qubit: int) -> list[Statevector]:
    """The parts of the state in which the qubit reads 0 and 1, not normalised."""
    return [state.evolve(Operator(np.diag([1 - bit, bit])), [qubit]) for bit in (0, 1)]


def distribution(circuit: QuantumCircuit) -> np.ndarray:
    """Over the classical bits; exact, through measurements, resets and branches. Idle qubits are left out."""
    used = sorted({circuit.find_bit(q).index for step in circuit.data for q in step.qubits})
    place = {qubit: i for i, qubit in enumerate(used)}
    steps = [step for step in circuit.data if step.operation.name != "barrier"]
    last = {qubit: i for i, step in enumerate(steps) for qubit in step.qubits}
    final: dict[int, int] = {}
    # What the bits read so far, and the part of the state in which they do.
    branches = [(0, Statevector.from_int(0, 2 ** len(used)))]
    for i, step in enumerate(steps):
        qubits = [place[circuit.find_bit(q).index] for q in step.qubits]
        name = step.operation.name
        if name == "measure" and last[step.qubits[0]] == i:
            final[circuit.find_bit(step.clbits[0]).index] = qubits[0]
        elif name == "measure":
            bit = circuit.find_bit(step.clbits[0]).index
            branches = [(bits & ~(1 << bit) | value << bit, part) for bits, state in branches
                        for value, part in enumerate(split(state, qubits[0]))]
        elif name == "reset":
            branches = [(bits, part.evolve(XGate(), qubits) if value else part) for bits, state in branches
                        for value, part in enumerate(split(state, qubits[0]))]
        elif name == "if_else":
            branches = [(bits, taken(circuit, step, bits, state, qubits)) for bits, state in branches]
        else:
            branches = [(bits, apply(state, step, qubits)) for bits, state in branches]
    order = sorted(final)
    probabilities = np.zeros(2**circuit.num_clbits)
    for bits, state in branches:
        for read, weight in enumerate(state.probabilities([final[bit] for bit in order])):
            index = bits | sum((read >> k & 1) << bit for k, bit in enumerate(order))
            probabilities[index] += weight
    return probabilities


def taken(circuit: QuantumCircuit, step: CircuitInstruction, bits: int, state: Statevector,
          qubits: list[int]) -> Statevector:
    """The state after the arm of a branch that one bit decides."""
    bit, value = step.operation.condition
    arm = step.operation.blocks[0 if bits >> circuit.find_bit(bit).index & 1 == value else 1:][:1]
    for block in arm:
        for inner in block.data if block else []:
            state = apply(state, inner, [qubits[block.find_bit(q).index] for q in inner.qubits])
    return state


def load(path: pathlib.Path) -> QuantumCircuit:
    return qasm3.loads(path.read_text(encoding="utf-8"))


def expectation(probabilities: np.ndarray, bit: int) -> float:
    signs = 1 - 2 * ((np.arange(probabilities.size) >> bit) & 1)
    return float(signs @ probabilities)


def bound(template: QuantumCircuit, values: dict[str, float]) -> QuantumCircuit:
    return template.assign_parameters({parameter.name: values[parameter.name] for parameter in template.parameters})


def compare(model: str, top: pathlib.Path) -> tuple[float, str]:
    """The largest difference, and what was compared."""
    worst, compared = 0.0, 0
    run("train", "--data", "builtin:food-it:train", "--seed", "3", "--epochs", "5", "--model", model,
        "-o", top / "model.json")
    emit = ["emit", "--model", top / "model.json", "--sentence", SENTENCE]
    run(*emit, "-o", top / "logical")
    manifest = json.loads((top / "logical/manifest.json").read_text(encoding="utf-8"))
    logical = {entry["file"]: distribution(load(top / "logical" / entry["file"])) for entry in manifest["circuits"]}
    for entry in manifest["circuits"]:
        circuit = load(top / "logical" / entry["file"])
        first = circuit.find_bit(next(r for r in circuit.cregs if r.name == "meas")[0]).index
        for observable, value in zip(entry["observables"], entry["values"], strict=True):
            bits = re.fullmatch(r"Z(\d+)", observable)
            if bits:
                found = expectation(logical[entry["file"]], first + int(bits[1]))
                worst = max(worst, abs(found - value))
    for target in TARGETS:
        run(*emit, "--target", target, "-o", top / target)
        on_target = json.loads((top / target / "manifest.json").read_text(encoding="utf-8"))
        for entry in on_target["circuits"]:
            found, expected = distribution(load(top / target / entry["file"])), logical[entry["file"]]
            if found.size == expected.size:
                worst = max(worst, float(np.max(np.abs(found - expected))))
            else:  # The form for devices without feed-forward, which has other bits.
                for observable, value in zip(entry["observables"], entry["values"], strict=True):
                    worst = max(worst, abs(expectation(found, int(observable[1:])) - value))
            compared += 1
    run(*emit, "--template", "-o", top / "template")
    stages = json.loads((top / "template/manifest.json").read_text(encoding="utf-8"))["circuits"]
    templates = {entry["stage"]: load(top / "template" / entry["file"]) for entry in stages}
    for entry in manifest["circuits"]:
        found = distribution(bound(templates[entry["stage"]], entry["parameters"]))
        worst = max(worst, float(np.max(np.abs(found - logical[entry["file"]]))))
    return worst, (f"{model}: {compared} transpiled circuits of one sentence against the logical ones, read by Qiskit: "
                   f"largest difference {worst:.1e}; {len(templates)} templates bound to each of {len(logical)} "
                   "circuits")


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="qdcnn-emit-") as name:
        for model in ("staged", "coherent"):
            top = pathlib.Path(name) / model
            top.mkdir()
            worst, text = compare(model, top)
            print(text)
            if worst > LIMIT:
                sys.exit(f"the difference is above {LIMIT}")


if __name__ == "__main__":
    main()
