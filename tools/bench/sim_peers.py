"""The simulators of others on the workloads of shared/bench/sim: each function makes a call that does the work once and
returns its numbers; circuits are built outside it. One thread where the environment says so."""
from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

Work = Callable[[], Any]


def read(data: Path, workload: str) -> dict[str, Any]:
    return json.loads((data / f"{workload}.json").read_text())


def with_readout(probabilities: np.ndarray, readout: list[list[float]]) -> np.ndarray:
    """Each qubit's flips on the distribution; readout[q] = [P(1|0), P(0|1)], qubit 0 in the lowest bit."""
    tensor = np.asarray(probabilities).reshape((2,) * len(readout))
    for qubit, (up, down) in enumerate(readout):
        flips = np.array([[1 - up, down], [up, 1 - down]])
        axis = len(readout) - 1 - qubit
        tensor = np.moveaxis(np.tensordot(flips, tensor, axes=(1, axis)), 0, axis)
    return tensor.reshape(-1)


def relaxation(t1: float, t2: float, time: float) -> list[np.ndarray]:
    decay = 1 - math.exp(-time / t1)
    dephasing = 1 - decay - math.exp(-2 * time / t2)
    return [np.diag([1, math.sqrt(1 - decay - dephasing)]), np.array([[0, math.sqrt(decay)], [0, 0]]),
            np.diag([0, math.sqrt(dephasing)])]


def aer_circuit(workload: dict[str, Any]):
    """Gates, measurements and branches, and the noise that follows them as an Aer model."""
    from qiskit import QuantumCircuit
    from qiskit_aer.noise import NoiseModel, depolarizing_error, kraus_error

    circuit, model = QuantumCircuit(workload["n"], workload["cbits"]), NoiseModel()
    known, ops = set(), workload["ops"]

    def add(op: list) -> None:
        name, qubits = op[0], op[1]
        if name == "measure":
            circuit.measure(qubits[0], op[2])
        elif name == "if":
            with circuit.if_test((circuit.clbits[op[1]], op[2])):
                for inner in op[3]:
                    add(inner)
        else:
            getattr(circuit, name)(*op[2:], *qubits)

    for place, op in enumerate(ops):
        if op[0] in ("depol", "relax"):
            continue
        add(op)
        noise = []
        for after in ops[place + 1:]:
            if after[0] not in ("depol", "relax"):
                break
            noise.append(after)
        key = (op[0], tuple(op[1]) if isinstance(op[1], list) else ())
        if noise and key not in known:
            known.add(key)
            if noise[0][0] == "depol":
                error = depolarizing_error(noise[0][2], len(op[1]))
            else:
                each = {after[1][0]: kraus_error(relaxation(*after[2:])) for after in noise}
                error = each[op[1][0]] if len(op[1]) == 1 else each[op[1][1]].tensor(each[op[1][0]])
            model.add_quantum_error(error, op[0], op[1])
    return circuit, model


def aer_simulator(noise, **options):
    from qiskit_aer import AerSimulator

    return AerSimulator(noise_model=noise, max_parallel_threads=1, **options)


def aer_density(workload: dict[str, Any], fusion_threshold: int) -> Work:
    circuit, model = aer_circuit(workload)
    circuit.save_probabilities(label="probabilities")
    simulator = aer_simulator(model, method="density_matrix", fusion_threshold=fusion_threshold)

    def work() -> np.ndarray:
        found = simulator.run(circuit, shots=1).result().data()["probabilities"]
        return with_readout(found, workload["readout"])

    return work


def as_complex(matrix: list) -> np.ndarray:
    pairs = np.asarray(matrix, dtype=float)
    return pairs[..., 0] + 1j * pairs[..., 1]


def aer_device(data: Path, name: str) -> Work:
    """From the files to the probabilities of the state, which Aer gives without read-out errors."""
    from qiskit import qasm3
    from qiskit_aer.noise import NoiseModel

    def work() -> np.ndarray:
        circuit = qasm3.loads((data / f"{name}.qasm").read_text())
        circuit.remove_final_measurements()
        circuit.save_probabilities(label="probabilities")
        written = json.loads((data / f"{name}.noise.json").read_text())
        for error in written["errors"]:
            for sequence in error.get("instructions", []):
                for step in sequence:
                    if step["name"] == "kraus":
                        step["params"] = [as_complex(matrix) for matrix in step["params"]]
        model = NoiseModel.from_dict(written)
        result = aer_simulator(model, method="density_matrix").run(circuit, shots=1).result()
        return np.asarray(result.data()["probabilities"])

    return work


def aer_shots(workload: dict[str, Any], shots: int) -> Work:
    circuit, model = aer_circuit(workload)
    simulator = aer_simulator(model, method="statevector")
    return lambda: simulator.run(circuit, shots=shots, seed_simulator=1).result().get_counts()


def qsim_circuit(workload: dict[str, Any], has_noise: bool):
    import cirq

    qubits = cirq.LineQubit.range(workload["n"])
    circuit = cirq.Circuit()
    for op in workload["ops"]:
        on = [qubits[q] for q in op[1]]
        if op[0] == "depol":
            # cirq's probability is that of an error, one of 4^k - 1.
            count = 4 ** len(on)
            if has_noise:
                circuit.append(cirq.DepolarizingChannel(op[2] * (count - 1) / count, n_qubits=len(on)).on(*on))
        elif op[0] == "cx":
            circuit.append(cirq.CNOT(*on))
        else:
            circuit.append(getattr(cirq, op[0])(op[2]).on(*on))
    return circuit, qubits


def qsim_value(workload: dict[str, Any], trajectories: int) -> Work:
    """<Z0>; without noise for 0 trajectories, else the mean over them."""
    import cirq
    import qsimcirq

    circuit, qubits = qsim_circuit(workload, trajectories > 0)
    simulator = qsimcirq.QSimSimulator(qsimcirq.QSimOptions(cpu_threads=1, ev_noisy_repetitions=max(1, trajectories)),
                                       seed=1)
    observable = cirq.PauliSum() + cirq.Z(qubits[0])
    return lambda: simulator.simulate_expectation_values(circuit, observables=observable, qubit_order=qubits[::-1])[0].real


def lightning_gradient(workload: dict[str, Any], wires: list[int]) -> Work:
    """Of the sum of Z over the wires, by the adjoint method."""
    import pennylane as qml
    from pennylane import numpy as pnp

    device = qml.device("lightning.qubit", wires=workload["n"])

    @qml.qnode(device, diff_method="adjoint")
    def value(angles):
        place = 0
        for op in workload["ops"]:
            if op[0] == "cx":
                qml.CNOT(wires=op[1])
            else:
                (qml.RY if op[0] == "ry" else qml.RZ)(angles[place], wires=op[1][0])
                place += 1
        return qml.expval(qml.sum(*[qml.PauliZ(q) for q in wires]) if len(wires) > 1 else qml.PauliZ(wires[0]))

    angles = pnp.array([op[2] for op in workload["ops"] if op[0] != "cx"], requires_grad=True)
    gradient = qml.grad(value)
    return lambda: np.asarray(gradient(angles))


class QulacsModel:
    """The staged model's circuits on qulacs, one after the other; gradients by its backprop, which starts from |0>, so that
    those of a sentence's amplitudes have the cost alone and not the values."""

    def __init__(self, data: Path) -> None:
        self.model = read(data, "w1_model")
        self.n = self.model["n"]

    def embedding(self, kind: str, word: int | None):
        from qulacs import ParametricQuantumCircuit

        n, circuit = self.n, ParametricQuantumCircuit(self.n)
        for wire in range(n):
            if word is not None and word >> (n - 1 - wire) & 1:
                circuit.add_X_gate(wire)
        for wire in range(n):
            circuit.add_H_gate(wire)
        for layer in range(self.model["rep"]):
            for wire in range(n):
                # The sign of qulacs' angles is the other way round.
                circuit.add_parametric_RY_gate(wire, -self.model[kind][layer * n + wire])
            for wire in range(n):
                circuit.add_CNOT_gate(wire, (wire + layer + 1) % n)
        return circuit

    def convolution(self, kernel):
        """Its first three parameters are the inputs."""
        from qulacs import ParametricQuantumCircuit

        circuit = ParametricQuantumCircuit(3)
        for wire in range(3):
            circuit.add_H_gate(wire)
            circuit.add_parametric_RY_gate(wire, 0)
        for depth in range(self.model["conv_depth"]):
            circuit.add_CNOT_gate(0, 1)
            circuit.add_CNOT_gate(1, 2)
            for wire in range(3):
                circuit.add_parametric_RY_gate(wire, -kernel[3 * depth + wire])
        return circuit

    def linear(self):
        """Its first n parameters are the inputs."""
        from qulacs import ParametricQuantumCircuit

        circuit = ParametricQuantumCircuit(self.n)
        for wire in range(self.n):
            circuit.add_parametric_RY_gate(wire, 0)
        for step in range(self.n + 1):
            wire = step % self.n
            circuit.add_parametric_RY_gate(wire, -self.model["linear"][step])
            circuit.add_CNOT_gate(wire, (wire + 2) % self.n)
        return circuit

    @staticmethod
    def z_values(circuit, count: int, observables, start=None) -> list[float]:
        from qulacs import QuantumState

        state = QuantumState(circuit.get_qubit_count())
        if start is not None:
            state.load(start)
        circuit.update_quantum_state(state)
        return [observables[q].get_expectation_value(state) for q in range(count)]

    def prepared(self) -> None:
        """Everything that does not depend on a circuit's inputs."""
        from qulacs import Observable

        self.z, self.sums = {}, {}
        for qubits in (3, self.n):
            self.z[qubits] = []
            for q in range(qubits):
                observable = Observable(qubits)
                observable.add_operator(1.0, f"Z {q}")
                self.z[qubits].append(observable)
            self.sums[qubits] = self.weighted(qubits, [0.5] * qubits)
        self.words = {word: self.embedding("word", word)
                      for sentence in self.model["sentences"] for word in sentence["words"]}
        self.whole = self.embedding("sent", None)
        self.kernels = [self.convolution(self.model[name]) for name in ("conv1", "conv2")]
        self.last = self.linear()
        self.starts = [self.amplitudes(sentence) for sentence in self.model["sentences"]]

    @staticmethod
    def weighted(qubits: int, weights):
        from qulacs import Observable

        observable = Observable(qubits)
        for q, weight in enumerate(weights):
            observable.add_operator(weight, f"Z {q}")
        return observable

    def amplitudes(self, sentence) -> list[float]:
        """Wire w is qubit w, so the index is turned round."""
        found = [0.0] * 2**self.n
        for key, value in sentence["sentence"].items():
            found[int(format(int(key), f"0{self.n}b")[::-1], 2)] = value
        return found

    def run(self, circuit, inputs, count: int, with_gradient: bool, start=None) -> list[float]:
        qubits = circuit.get_qubit_count()
        for place, angle in enumerate(inputs):
            circuit.set_parameter(place, -angle)
        values = self.z_values(circuit, count, self.z[qubits], start)
        if with_gradient:
            circuit.backprop(self.sums[qubits])
        return values

    def sentence(self, index: int, with_gradient: bool) -> list[float]:
        n, sentence = self.n, self.model["sentences"][index]
        rows = [self.run(self.words[word], [], n, with_gradient) for word in sentence["words"]]
        embedded = self.run(self.whole, [], n, with_gradient, self.starts[index])
        for circuit in self.kernels:
            rows = [[sum(self.run(circuit, [rows[place + tap][q] for tap in range(3)], 3, with_gradient))
                     for q in range(n)] for place in range(len(rows) - 2)]
        fused = [embedded[q] + sum(row[q] for row in rows) / len(rows) for q in range(n)]
        return self.run(self.last, fused, 2, with_gradient)

    def one_sentence(self) -> Work:
        self.prepared()
        return lambda: self.sentence(0, False)

    def epoch(self) -> Work:
        self.prepared()
        return lambda: [self.sentence(index, True) for index in range(len(self.model["sentences"]))]


def numpy_epoch(data: Path) -> Work:
    """The gradients of our own numpy script, batches of six sentences."""
    from types import SimpleNamespace

    from staged_data import PRESETS
    from staged_model import METHODS, Batch, StagedModel

    given = read(data, "w1_model")
    n = given["n"]
    model = StagedModel(PRESETS["rp"], SimpleNamespace(qubits=n, tokens=range(given["vocab"])), METHODS["layered"])
    # The file's wire 0 is the highest bit of an index, the script's the lowest.
    turned = [int(format(index, f"0{n}b")[::-1], 2) for index in range(2**n)]
    model.word_states = model.prepared(np.eye(2**n)[:, turned[: given["vocab"]]])
    ids = np.array([sentence["words"] for sentence in given["sentences"]])
    amplitudes = np.zeros((2**n, len(ids)))
    for column, sentence in enumerate(given["sentences"]):
        for key, value in sentence["sentence"].items():
            amplitudes[turned[int(key)], column] = value
    batch = Batch(ids, model.prepared(amplitudes), np.array([sentence["label"] for sentence in given["sentences"]]))
    flat = np.concatenate([given[name] for name in ("word", "sent", "conv1", "conv2", "linear")])

    def work() -> np.ndarray:
        total = np.zeros(model.parameter_count)
        for start in range(0, len(ids), 6):
            part = batch.part(np.arange(start, min(len(ids), start + 6)))
            total += model.gradient(model.forward(flat, part), part.labels) * len(part.labels)
        return total / len(ids)

    return work
