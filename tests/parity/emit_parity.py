#!/usr/bin/env python3
"""Reads every circuit that `qdcnn emit` writes for a sentence with Qiskit.

    emit_parity.py

For each target below the circuits of one sentence are emitted twice, as they are and transpiled to the target. Qiskit
reads both (qiskit.qasm3.loads); their outcome distributions must agree to 1e-10, so layout, bit order and native gates
are right by a reader that is not ours. The expectation values of the last circuit, computed by Qiskit, must be the
logits of the manifest, and the bound form of each template must give the emitted circuit's distribution.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
from qiskit import QuantumCircuit, qasm3
from qiskit.quantum_info import Statevector

QDCNN = pathlib.Path(os.environ.get("QDCNN_BUILD", "build")) / "qdcnn"
TARGETS = ["ibm_torino", "ibm_sherbrooke", "iqm_garnet", "ionq_aria", "ionq_forte", "quantinuum_h2"]
SENTENCE = "friend grills fresh soup"
LIMIT = 1e-10


def run(*arguments: str | pathlib.Path) -> None:
    done = subprocess.run([QDCNN, *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"qdcnn {' '.join(map(str, arguments))} ended with {done.returncode}:\n{done.stderr}")


def distribution(circuit: QuantumCircuit) -> np.ndarray:
    """Over the classical bits, which are all measured once, at the end; idle qubits are left out."""
    used = sorted({circuit.find_bit(q).index for step in circuit.data for q in step.qubits})
    place = {qubit: i for i, qubit in enumerate(used)}
    bare, bits = QuantumCircuit(len(used)), {}
    for step in circuit.data:
        qubits = [place[circuit.find_bit(q).index] for q in step.qubits]
        if step.operation.name == "measure":
            bits[circuit.find_bit(step.clbits[0]).index] = qubits[0]
        elif step.operation.name != "barrier":
            bare.append(step.operation, qubits)
    return Statevector(bare).probabilities([bits[b] for b in range(circuit.num_clbits)])


def load(path: pathlib.Path) -> QuantumCircuit:
    return qasm3.loads(path.read_text(encoding="utf-8"))


def expectation(probabilities: np.ndarray, bit: int) -> float:
    signs = 1 - 2 * ((np.arange(probabilities.size) >> bit) & 1)
    return float(signs @ probabilities)


def bound(template: QuantumCircuit, values: dict[str, float]) -> QuantumCircuit:
    return template.assign_parameters({parameter.name: values[parameter.name] for parameter in template.parameters})


def main() -> None:
    worst = compared = 0.0
    with tempfile.TemporaryDirectory(prefix="qdcnn-emit-") as name:
        top = pathlib.Path(name)
        run("train", "--data", "builtin:food-it:train", "--seed", "3", "--epochs", "5", "--model", "staged",
            "-o", top / "model.json")
        emit = ["emit", "--model", top / "model.json", "--sentence", SENTENCE]
        run(*emit, "-o", top / "logical")
        manifest = json.loads((top / "logical/manifest.json").read_text(encoding="utf-8"))
        logical = {entry["file"]: distribution(load(top / "logical" / entry["file"])) for entry in manifest["circuits"]}
        last = logical[manifest["circuits"][-1]["file"]]
        for k, logit in enumerate(manifest["logits"]):
            worst = max(worst, abs(expectation(last, k) - logit))
        for target in TARGETS:
            run(*emit, "--target", target, "-o", top / target)
            for file, expected in logical.items():
                worst = max(worst, float(np.max(np.abs(distribution(load(top / target / file)) - expected))))
                compared += 1
        run(*emit, "--template", "-o", top / "template")
        stages = json.loads((top / "template/manifest.json").read_text(encoding="utf-8"))["circuits"]
        templates = {entry["stage"]: load(top / "template" / entry["file"]) for entry in stages}
        for entry in manifest["circuits"]:
            found = distribution(bound(templates[entry["stage"]], entry["parameters"]))
            worst = max(worst, float(np.max(np.abs(found - logical[entry["file"]]))))
    print(f"{compared:.0f} transpiled circuits of one sentence against the logical ones, read by Qiskit: "
          f"largest difference {worst:.1e}; {len(templates)} templates bound to each of {len(logical)} circuits")
    if worst > LIMIT:
        sys.exit(f"the difference is above {LIMIT}")


if __name__ == "__main__":
    main()
