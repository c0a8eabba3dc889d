#!/usr/bin/env python3
"""Runs the circuits that `qdcnn emit` writes of every quantum model in Qiskit.

    model_parity.py

Every row of the models table that has circuits is trained for an epoch, in each of its presets that changes a circuit,
and one sentence is emitted. Qiskit reads the files (qiskit.qasm3.loads) and computes the outcome distribution; from it
comes the expectation value of every observable of the manifest, which must be the manifest's own to 1e-10. A circuit
ends in its observables' basis, so a Pauli string is the parity of the bits of its qubits, and an observable a sum of such strings.
"""

import json
import pathlib
import re
import sys
import tempfile

import numpy as np

from emit_parity import LIMIT, SENTENCE, distribution, load, run

PRESETS = {
    "coherent": ["auto", "two_angles", "one_qubit", "deferred", "no_pointwise", "no_sentence", "sentence_only", "no_fusion",
                 "no_cz", "no_feed_forward", "no_coupling", "shared_kernels"],
    "staged": ["mc", "rp"],
    "qdconv": ["mc", "rp", "word_only", "sentence_only"],
    "qconv": ["mc"],
    "qrnn": ["auto", "unshared"],
    "qsann": ["mc", "rp", "positions"],
    "qmsan": ["auto"],
    "qtransformer": ["auto"],
}


def parity(probabilities: np.ndarray, bits: list[int]) -> float:
    """The mean of (-1)^(number of ones among the bits)."""
    signs = np.ones(probabilities.size)
    for bit in bits:
        signs *= 1 - 2 * ((np.arange(probabilities.size) >> bit) & 1)
    return float(signs @ probabilities)


def terms(observable: str) -> list[tuple[float, list[int]]]:
    """Weight and qubits of each Pauli string of, for example, 0.5 + 0.5 Z0 - Z1 Z2."""
    found = []
    for term in observable.replace(" - ", " + -").split(" + "):
        parts = re.fullmatch(r"(-?)(\d[\d.e-]*)? ?((?:[XYZ]\d+ ?)*)", term)
        if parts is None:
            sys.exit(f"the observable {observable} is no sum of Pauli strings")
        weight = float(parts[1] + (parts[2] or "1"))
        found.append((weight, [int(qubit) for qubit in re.findall(r"[XYZ](\d+)", parts[3])]))
    return found


def compare(model: str, preset: str, top: pathlib.Path) -> tuple[float, int, int]:
    """The largest difference, circuits and values compared."""
    top.mkdir()
    run("train", "--data", "builtin:food-it:train", "--seed", "3", "--epochs", "1", "--restarts", "1", "--model", model,
        "--preset", preset, "-o", top / "model.json")
    run("emit", "--model", top / "model.json", "--sentence", SENTENCE, "-o", top / "circuits")
    manifest = json.loads((top / "circuits/manifest.json").read_text(encoding="utf-8"))
    worst, values = 0.0, 0
    for entry in manifest["circuits"]:
        circuit = load(top / "circuits" / entry["file"])
        first = circuit.find_bit(next(r for r in circuit.cregs if r.name == "meas")[0]).index
        probabilities = distribution(circuit)
        for observable, value in zip(entry["observables"], entry["values"], strict=True):
            found = sum(weight * parity(probabilities, [first + qubit for qubit in qubits])
                        for weight, qubits in terms(observable))
            worst = max(worst, abs(found - value))
            values += 1
    if values == 0:
        sys.exit(f"{model}:{preset} emitted nothing to compare")
    return worst, len(manifest["circuits"]), values


def main() -> None:
    failed = []
    with tempfile.TemporaryDirectory(prefix="qdcnn-models-") as name:
        for model, presets in PRESETS.items():
            for preset in presets:
                worst, circuits, values = compare(model, preset, pathlib.Path(name) / f"{model}-{preset}")
                print(f"{model}:{preset}: {values} expectation values of {circuits} circuits, run in Qiskit: largest "
                      f"difference {worst:.1e}", flush=True)
                if worst > LIMIT:
                    failed.append(f"{model}:{preset}")
    if failed:
        sys.exit(f"the difference is above {LIMIT}: {', '.join(failed)}")


if __name__ == "__main__":
    main()
