"""What a circuit gives, exactly: its matrix, or the distribution of its classical bits along every outcome.

A program is a list of steps, which the readers of readers.py take from the circuits of Qiskit, Braket and pytket:

    ("gate", matrix, qubits)        bit i of a matrix index is qubits[i]
    ("measure", qubit, bit)
    ("reset", qubit)
    ("if", condition, then, else)   condition(record) of the record of all bits, bit 0 the lowest; two lists of steps
    ("while", condition, body)
"""

import collections

import numpy as np
from qiskit.quantum_info import Operator

NOTHING = 1e-18
MOST_TURNS = 1000
X = np.array([[0, 1], [1, 0]], dtype=complex)


def apply(matrix, qubits, state, width):
    """The state, or every column of a matrix, after a gate; qubit 0 is the lowest bit of an index."""
    count = len(qubits)
    axes = [width - 1 - qubit for qubit in reversed(qubits)]
    tensor = np.tensordot(np.asarray(matrix).reshape([2] * (2 * count)), state.reshape([2] * width + [-1]),
                          axes=(list(range(count, 2 * count)), axes))
    return np.moveaxis(tensor, list(range(count)), axes).reshape(state.shape)


def split(state, qubit, width):
    """The parts of a state where the qubit is 0 and 1, not normalised."""
    index = np.arange(len(state)) >> qubit & 1
    return np.where(index == 0, state, 0), np.where(index == 1, state, 0)


def weight(state):
    return np.vdot(state, state).real


def run(steps, branches, width):
    """branches: list of (record, state). Every measurement and reset splits a branch in two."""
    for step in steps:
        kind = step[0]
        after = []
        if kind == "gate":
            after = [(record, apply(step[1], step[2], state, width)) for record, state in branches]
        elif kind == "measure":
            for record, state in branches:
                for value, part in enumerate(split(state, step[1], width)):
                    after.append((record & ~(1 << step[2]) | value << step[2], part))
        elif kind == "reset":
            for record, state in branches:
                zero, one = split(state, step[1], width)
                after += [(record, zero), (record, apply(X, [step[1]], one, width))]
        elif kind == "if":
            for branch in branches:
                after += run(step[2] if step[1](branch[0]) else step[3], [branch], width)
        elif kind == "while":
            inside = branches
            for _ in range(MOST_TURNS):
                after += [branch for branch in inside if not step[1](branch[0])]
                inside = [branch for branch in inside if step[1](branch[0])]
                if not inside:
                    break
                inside = run(step[2], inside, width)
            else:
                raise RuntimeError("a loop does not end")
        else:
            raise RuntimeError(f"no step: {kind}")
        branches = [(record, state) for record, state in after if weight(state) > NOTHING]
    return branches


def distribution(steps, width, bits):
    state = np.zeros(2**width, dtype=complex)
    state[0] = 1
    result = collections.defaultdict(float)
    for record, final in run(steps, [(0, state)], width):
        result[format(record, f"0{bits}b") if bits else ""] += weight(final)
    return result


def unitary(steps, width):
    matrix = np.eye(2**width, dtype=complex)
    for step in steps:
        matrix = apply(step[1], step[2], matrix, width)
    return matrix


def matrix_difference(a, b):
    """Up to a phase."""
    phase = np.vdot(a, b)
    return np.abs(b * np.conj(phase) / max(abs(phase), 1e-300) - a).max()


def distribution_difference(a, b):
    return max((abs(a.get(key, 0) - b.get(key, 0)) for key in set(a) | set(b)), default=0)


class QiskitSteps:
    """The steps of a Qiskit circuit without parameters."""

    def __init__(self, circuit):
        self.matrices = {}
        self.bit_index = {bit: i for i, bit in enumerate(circuit.clbits)}
        self.steps = self.of(circuit, {qubit: i for i, qubit in enumerate(circuit.qubits)}, self.bit_index)

    def matrix(self, operation):
        if any(isinstance(parameter, np.ndarray) for parameter in operation.params):
            return Operator(operation).data
        key = (operation.name, tuple(map(float, operation.params)), getattr(operation, "ctrl_state", None))
        if key not in self.matrices:
            self.matrices[key] = Operator(operation).data
        return self.matrices[key]

    def condition(self, condition, bits):
        place, value = condition
        indices = [bits[bit] for bit in place] if hasattr(place, "__len__") else [bits[place]]
        return lambda record: sum((record >> index & 1) << i for i, index in enumerate(indices)) == int(value)

    def switch(self, instruction, qubits, bits):
        """As a chain of branches; the default, the last case, holds for all."""
        chain = []
        for labels, block in reversed(list(instruction.operation.cases_specifier())):
            inner_qubits = {inner: qubits[outer] for inner, outer in zip(block.qubits, instruction.qubits)}
            inner_bits = {inner: bits[outer] for inner, outer in zip(block.clbits, instruction.clbits)}
            steps = self.of(block, inner_qubits, inner_bits)
            for label in labels:
                if not isinstance(label, int):
                    chain = steps
                else:
                    chain = [("if", self.condition((instruction.operation.target, label), self.bit_index), steps, chain)]
        return chain

    def of(self, circuit, qubits, bits):
        steps = []
        for instruction in circuit.data:
            operation, name = instruction.operation, instruction.operation.name
            on = [qubits[qubit] for qubit in instruction.qubits]
            if name in ("barrier", "delay"):
                continue
            if name == "measure":
                steps.append(("measure", on[0], bits[instruction.clbits[0]]))
            elif name == "reset":
                steps.append(("reset", on[0]))
            elif name == "for_loop":
                indices, parameter, body = operation.params
                inner_qubits = {inner: qubits[outer] for inner, outer in zip(body.qubits, instruction.qubits)}
                inner_bits = {inner: bits[outer] for inner, outer in zip(body.clbits, instruction.clbits)}
                for index in indices:
                    turn = body if parameter is None else body.assign_parameters({parameter: index})
                    steps += self.of(turn, inner_qubits, inner_bits)
            elif name == "switch_case":
                steps += self.switch(instruction, qubits, bits)
            elif name in ("if_else", "while_loop", "box"):
                blocks = []
                for block in operation.blocks:
                    inner_qubits = {inner: qubits[outer] for inner, outer in zip(block.qubits, instruction.qubits)}
                    inner_bits = {inner: bits[outer] for inner, outer in zip(block.clbits, instruction.clbits)}
                    blocks.append(self.of(block, inner_qubits, inner_bits))
                if name == "box":
                    steps += blocks[0]
                    continue
                # Conditions name the outermost circuit's bits.
                condition = self.condition(operation.condition, self.bit_index)
                if name == "while_loop":
                    steps.append(("while", condition, blocks[0]))
                else:
                    steps.append(("if", condition, blocks[0], blocks[1] if len(blocks) > 1 else []))
            else:
                steps.append(("gate", self.matrix(operation), on))
        return steps


def distribution_of(circuit):
    """Of a Qiskit circuit."""
    return distribution(QiskitSteps(circuit).steps, circuit.num_qubits, circuit.num_clbits)
