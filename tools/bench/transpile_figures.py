"""What tools/bench/transpile needs of Qiskit: circuits and targets of the benchmark folder, its level 3, and one count for
the results of every program.
"""
from __future__ import annotations

import json
import math
import time
from dataclasses import dataclass
from pathlib import Path

from qiskit import QuantumCircuit, qasm2, qasm3
from qiskit.circuit import IfElseOp, Measure, Parameter, Reset
from qiskit.circuit.library import CZGate, ECRGate, RZGate, RZZGate, SXGate, XGate
from qiskit.transpiler import InstructionProperties, QubitProperties, Target, generate_preset_pass_manager

NO_GATES = {"barrier", "delay", "measure", "reset", "if_else"}


@dataclass(frozen=True)
class Figures:
    two_qubit_gates: int
    two_qubit_depth: int
    # Sum of ln(1 - error) over gates and read-outs; None where the device's file has no figures of its own.
    log_success: float | None
    cpu_seconds: float


def load_circuit(path: Path) -> QuantumCircuit:
    text = path.read_text()
    if text.lstrip().startswith("OPENQASM 3"):
        return qasm3.loads(text)
    return qasm2.loads(text, custom_instructions=qasm2.LEGACY_CUSTOM_INSTRUCTIONS)


class Device:
    """A file of the benchmark's target folder."""

    def __init__(self, path: Path):
        self.path = path
        self.name = path.stem
        self.data = json.loads(path.read_text())
        self.qubits: int = self.data["num_qubits"]
        self.is_calibrated = self.data["vendor"] == "IBM"
        self.is_coupled = not self.data.get("all_to_all", False)

    def target(self) -> Target:
        """IBM's gates with their errors. Elsewhere the vendor's entangling gate and rz, sx, x, without errors."""
        qubits = [QubitProperties(t1=qubit["t1_s"], t2=qubit["t2_s"]) for qubit in self.data.get("qubits", [])]
        target = Target(num_qubits=self.qubits, qubit_properties=qubits or None)
        everywhere = {(qubit,): None for qubit in range(self.qubits)} if self.is_coupled else None
        one_qubit = {"rz": RZGate(Parameter("angle")), "sx": SXGate(), "x": XGate()}
        for name, gate in one_qubit.items():
            target.add_instruction(gate, self._properties(name) if self.is_calibrated else everywhere)
        if not self.is_coupled:
            target.add_instruction(RZZGate(Parameter("theta")), None)
        elif self.is_calibrated:
            name = "ecr" if "ecr" in self.data["gates"] else "cz"
            target.add_instruction(ECRGate() if name == "ecr" else CZGate(), self._properties(name))
        else:
            pairs = {pair for a, b in self.data["edges"] for pair in ((a, b), (b, a))}
            target.add_instruction(CZGate(), {pair: None for pair in sorted(pairs)})
        target.add_instruction(Measure(), self._properties("measure") if self.is_calibrated else everywhere)
        target.add_instruction(Reset(), everywhere)
        target.add_instruction(IfElseOp, name="if_else")
        return target

    def _properties(self, name: str) -> dict[tuple[int, ...], InstructionProperties]:
        rows = self.data["measure"] if name == "measure" else self.data["gates"][name]
        return {tuple(int(qubit) for qubit in key.split(",")):
                InstructionProperties(error=row["error"], duration=row["duration_s"]) for key, row in rows.items()}

    def error(self, name: str, qubits: list[int]) -> float:
        if name == "measure":
            return self.data["measure"][str(qubits[0])]["error"]
        return self.data["gates"][name][",".join(str(qubit) for qubit in qubits)]["error"]


def figures_of(circuit: QuantumCircuit, device: Device, cpu_seconds: float) -> Figures:
    """Of a circuit on physical qubits. Gates in every branch count."""
    gates, log_success = 0, 0.0

    def walk(block: QuantumCircuit, place: dict) -> None:
        nonlocal gates, log_success
        for instruction in block.data:
            name = instruction.operation.name
            qubits = [place[qubit] for qubit in instruction.qubits]
            if name == "if_else":
                for inner in instruction.operation.blocks:
                    walk(inner, dict(zip(inner.qubits, qubits)))
                continue
            if name not in NO_GATES and len(qubits) > 1:
                gates += 1
            if device.is_calibrated and (name == "measure" or name not in NO_GATES):
                log_success += math.log1p(-min(device.error(name, qubits), 1 - 1e-12))

    walk(circuit, {qubit: index for index, qubit in enumerate(circuit.qubits)})
    depth = circuit.depth(lambda step: len(step.qubits) > 1 and step.operation.name != "barrier")
    return Figures(gates, depth, log_success if device.is_calibrated else None, cpu_seconds)


def qiskit_level_3(circuit: QuantumCircuit, device: Device, target: Target, seed: int, repeats: int) -> Figures:
    """The manager is made beforehand and not timed. CPU seconds of this process, the least."""
    manager = generate_preset_pass_manager(optimization_level=3, target=target, seed_transpiler=seed)
    best = math.inf
    for _ in range(repeats):
        start = time.process_time()
        result = manager.run(circuit)
        best = min(best, time.process_time() - start)
    return figures_of(result, device, best)


def pytket_level_2(circuit: QuantumCircuit) -> int | None:
    """Two-qubit gates of pytket's FullPeepholeOptimise for rzz of any angle; None for what OpenQASM 2 cannot say."""
    from pytket.circuit import OpType
    from pytket.passes import AutoRebase, DecomposeBoxes, FullPeepholeOptimise, RemoveRedundancies
    from pytket.qasm import circuit_from_qasm_str

    try:
        given = circuit_from_qasm_str(qasm2.dumps(circuit))
    except Exception:  # Qiskit and pytket have a class of their own for each thing they cannot say.
        return None
    DecomposeBoxes().apply(given)
    FullPeepholeOptimise().apply(given)
    AutoRebase({OpType.ZZPhase, OpType.PhasedX, OpType.Rz}).apply(given)
    RemoveRedundancies().apply(given)
    return given.n_2qb_gates()
