#!/usr/bin/env python3
"""Compares `qdcnn simulate` with Qiskit Aer on random noisy circuits.

    noise_parity.py [--cases N] [--seed N]

Each case: Qiskit makes a random circuit (mid-circuit measurement, reset and branches in every second one) and a noise
model (depolarizing, Pauli, thermal relaxation, Kraus, read-out), writes both with its own exporters (qasm3.dumps,
NoiseModel.to_dict), and qdcnn reads those files. Aer's exact density matrix gives the distribution; where the circuit
branches on measured bits, which Aer can only sample, the distribution comes from its shots and is compared within five
sigma of each outcome. Without branches the largest difference allowed is 1e-10.
"""

import argparse
import json
import logging
import os
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
from qiskit import QuantumCircuit, qasm3
from qiskit_aer import AerSimulator
from qiskit_aer.noise import (NoiseModel, ReadoutError, amplitude_damping_error, depolarizing_error, kraus_error,
                              pauli_error, thermal_relaxation_error)

QDCNN = pathlib.Path(os.environ.get("QDCNN_BUILD", "build")) / "qdcnn"
ONE_QUBIT = ["h", "x", "s", "t", "sx"]
ROTATIONS = ["rx", "ry", "rz", "p"]
TWO_QUBIT = ["cx", "cz", "swap", "cy"]
EXACT = 1e-10
SHOTS = 20000


class Encoder(json.JSONEncoder):
    """Complex numbers and arrays as Aer's serialised form has them."""

    def default(self, value):
        if isinstance(value, complex):
            return [value.real, value.imag]
        if isinstance(value, np.ndarray):
            return [[[entry.real, entry.imag] for entry in row] for row in value]
        return super().default(value)


def random_gate(circuit: QuantumCircuit, rng: np.random.Generator) -> None:
    kind = rng.random()
    qubits = [int(q) for q in rng.permutation(circuit.num_qubits)]
    if kind < 0.3:
        getattr(circuit, rng.choice(ONE_QUBIT))(qubits[0])
    elif kind < 0.6:
        getattr(circuit, rng.choice(ROTATIONS))(float(rng.uniform(-3, 3)), qubits[0])
    else:
        getattr(circuit, rng.choice(TWO_QUBIT))(qubits[0], qubits[1])


def random_circuit(rng: np.random.Generator, dynamic: bool) -> QuantumCircuit:
    n = int(rng.integers(2, 5))
    circuit = QuantumCircuit(n, n)
    for step in range(int(rng.integers(8, 20))):
        random_gate(circuit, rng)
        if dynamic and step % 5 == 2:
            qubit, other = (int(q) for q in rng.permutation(n)[:2])
            circuit.measure(qubit, qubit)
            with circuit.if_test((circuit.clbits[qubit], 1)):
                circuit.ry(float(rng.uniform(-2, 2)), other)
        if dynamic and step == 6:
            circuit.reset(0)
    circuit.measure(range(n), range(n))
    return circuit


def random_noise(rng: np.random.Generator, n: int) -> NoiseModel:
    noise = NoiseModel()
    t1 = float(rng.uniform(20e-6, 80e-6))
    t2 = float(rng.uniform(0.3, 1.9)) * t1
    noise.add_all_qubit_quantum_error(depolarizing_error(float(rng.uniform(0, 0.05)), 1), ["h", "rx", "sx"])
    noise.add_all_qubit_quantum_error(thermal_relaxation_error(t1, t2, 3e-7), ["ry", "x"])
    noise.add_all_qubit_quantum_error(pauli_error([("X", 0.02), ("Y", 0.01), ("I", 0.97)]), ["rz", "s"])
    noise.add_all_qubit_quantum_error(amplitude_damping_error(float(rng.uniform(0, 0.1))), ["p", "t"])
    noise.add_all_qubit_quantum_error(depolarizing_error(float(rng.uniform(0, 0.1)), 2), ["cx", "swap"])
    pair = thermal_relaxation_error(t1, t2, 1e-6).tensor(depolarizing_error(0.02, 1))
    noise.add_quantum_error(pair, ["cx"], [1, 0])
    damping = float(rng.uniform(0, 0.2))
    noise.add_all_qubit_quantum_error(
        kraus_error([np.array([[1, 0], [0, np.sqrt(1 - damping)]]), np.array([[0, np.sqrt(damping)], [0, 0]])]).tensor(
            pauli_error([("Z", 0.03), ("I", 0.97)])), ["cz", "cy"])
    for qubit in range(n):
        up, down = (float(v) for v in rng.uniform(0, 0.1, 2))
        noise.add_readout_error(ReadoutError([[1 - up, up], [down, 1 - down]]), [qubit])
    return noise


def ours(circuit: QuantumCircuit, noise: NoiseModel, folder: pathlib.Path) -> dict[str, float]:
    qasm, model = folder / "case.qasm", folder / "noise.json"
    qasm.write_text(qasm3.dumps(circuit), encoding="utf-8")
    model.write_text(json.dumps(noise.to_dict(serializable=True), cls=Encoder), encoding="utf-8")
    done = subprocess.run([QDCNN, "simulate", qasm, "--noise", model, "--json"], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"qdcnn simulate ended with {done.returncode}: {done.stderr}\n{qasm.read_text()}")
    return json.loads(done.stdout)["probabilities"]


def aer_exact(circuit: QuantumCircuit, noise: NoiseModel) -> dict[str, float]:
    """The density matrix before the final measurements, then the read-out error by hand."""
    n = circuit.num_qubits
    bare = circuit.remove_final_measurements(inplace=False)
    bare.save_density_matrix()
    simulator = AerSimulator(method="density_matrix", noise_model=noise, fusion_enable=False)
    rho = np.asarray(simulator.run(bare).result().data()["density_matrix"])
    probabilities = np.real(np.diag(rho)).reshape([2] * n)
    for qubit in range(n):
        assignment = noise.to_dict()["errors"]
        matrix = next(np.array(e["probabilities"]) for e in assignment
                      if e["type"] == "roerror" and e["gate_qubits"] == [(qubit,)])
        axis = n - 1 - qubit
        probabilities = np.moveaxis(np.tensordot(matrix.T, probabilities, axes=(1, axis)), 0, axis)
    return {format(i, f"0{n}b"): float(p) for i, p in enumerate(probabilities.reshape(-1))}


def aer_sampled(circuit: QuantumCircuit, noise: NoiseModel, seed: int) -> dict[str, float]:
    simulator = AerSimulator(method="density_matrix", noise_model=noise, seed_simulator=seed)
    counts = simulator.run(circuit, shots=SHOTS).result().get_counts()
    return {key.replace(" ", ""): count / SHOTS for key, count in counts.items()}


def worst_sigma(found: dict[str, float], sampled: dict[str, float]) -> float:
    worst = 0.0
    for key in found.keys() | sampled.keys():
        p = found.get(key, 0.0)
        # At least one count's worth of spread, so that a rare outcome seen once does not divide by nothing.
        sigma = max(np.sqrt(p * (1 - p) / SHOTS), 1 / SHOTS)
        worst = max(worst, abs(p - sampled.get(key, 0.0)) / sigma)
    return worst


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    # Aer warns of each error that stands before an all-qubit one, which is wanted here.
    logging.getLogger("qiskit_aer").setLevel(logging.ERROR)
    worst_exact = worst_sampled = 0.0
    with tempfile.TemporaryDirectory(prefix="qdcnn-noise-") as name:
        for case in range(arguments.cases):
            rng = np.random.default_rng([arguments.seed, case])
            dynamic = case % 2 == 1
            circuit = random_circuit(rng, dynamic)
            noise = random_noise(rng, circuit.num_qubits)
            found = ours(circuit, noise, pathlib.Path(name))
            if dynamic:
                worst_sampled = max(worst_sampled, worst_sigma(found, aer_sampled(circuit, noise, case)))
            else:
                exact = aer_exact(circuit, noise)
                difference = max(abs(found.get(key, 0.0) - exact[key]) for key in exact)
                worst_exact = max(worst_exact, difference)
            if worst_exact > EXACT or worst_sampled > 5:
                sys.exit(f"case {case} (seed {arguments.seed}): exact {worst_exact:.2e}, sampled {worst_sampled:.1f} sigma\n"
                         f"{qasm3.dumps(circuit)}")
    print(f"{arguments.cases} noisy circuits against Aer: largest difference {worst_exact:.1e} where exact, "
          f"{worst_sampled:.1f} sigma where sampled ({SHOTS} shots)")


if __name__ == "__main__":
    main()
