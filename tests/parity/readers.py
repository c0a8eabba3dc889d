"""Reads a text as Qiskit, Braket or pytket do; what comes back is what they understood, computed exactly.

A reader takes (text, parameters, width, bits) and returns a matrix where `bits` is None, else the distribution of so
many classical bits. It raises whatever its package raises for a text that it does not take.
"""

import copy

import numpy as np
from qiskit import qasm2, qasm3

import exact


def answer(steps, width, bits):
    return exact.unitary(steps, width) if bits is None else exact.distribution(steps, width, bits)


def qiskit_reader(load):
    def read(text, parameters, width, bits):
        circuit = load(text)
        if circuit.num_parameters:
            circuit = circuit.assign_parameters({name.name: parameters[name.name] for name in circuit.parameters})
        # On physical qubits Qiskit has as many as the program names.
        return answer(exact.QiskitSteps(circuit).steps, max(width, circuit.num_qubits), bits)

    return read


def pytket(text, parameters, width, bits):
    from pytket.circuit import OpType
    from pytket.qasm import circuit_from_qasm_str

    circuit = circuit_from_qasm_str(text)
    # pytket sorts its registers by name; the text's order is the one wanted.
    order = {}
    for line in text.splitlines():
        word, _, rest = line.partition(" ")
        if word in ("qreg", "creg"):
            name, size = rest.rstrip(";").rstrip("]").split("[")
            for index in range(int(size)):
                order[word, name, index] = sum(1 for key in order if key[0] == word)
    qubit = {unit: order["qreg", unit.reg_name, unit.index[0]] for unit in circuit.qubits}
    bit = {unit: order["creg", unit.reg_name, unit.index[0]] for unit in circuit.bits}
    steps = []

    def add(operation, arguments, to):
        if operation.type == OpType.Measure:
            to.append(("measure", qubit[arguments[0]], bit[arguments[1]]))
        elif operation.type == OpType.Reset:
            to.append(("reset", qubit[arguments[0]]))
        elif operation.type == OpType.Barrier:
            pass
        elif operation.type == OpType.Conditional:
            tested = [bit[unit] for unit in arguments[: operation.width]]
            wanted = operation.value
            inner = []
            add(operation.op, arguments[operation.width :], inner)
            to.append(("if", lambda record: sum((record >> b & 1) << i for i, b in enumerate(tested)) == wanted, inner, []))
        else:
            # Its matrices have the first qubit as the highest bit.
            to.append(("gate", operation.get_unitary(), [qubit[unit] for unit in reversed(arguments)]))

    for command in circuit.get_commands():
        add(command.op, command.args, steps)
    return answer(steps, width, bits)


def braket_gate(instruction):
    """(matrix, qubits) of an instruction of Braket's simulator: its first target is the highest bit."""
    matrix = np.asarray(instruction.matrix)
    for state in reversed(instruction.control_state):
        size = len(matrix)
        whole = np.eye(2 * size, dtype=complex)
        start = size if state else 0
        whole[start : start + size, start : start + size] = matrix
        matrix = whole
    return matrix, list(reversed(instruction.targets))


def exact_braket_context(width):
    """Braket's interpreter follows every outcome of a measurement that later steps depend on, with a number of shots
    for each; this one follows all outcomes and keeps the states, not normalised. (The simulator of release 1.41 adds
    amplitudes at a reset, which is right only for qubits that no other is entangled with; here a reset is one.)"""
    from braket.default_simulator.gate_operations import GPhase, Projection
    from braket.default_simulator.openqasm.program_context import ProgramContext

    class Context(ProgramContext):
        def __init__(self):
            super().__init__()
            self._shots = 1
            self.states = {}

        def state_of(self, path):
            state, done = self.states.get(id(path), (None, 0))
            if state is None:
                state = np.zeros(2**width, dtype=complex)
                state[0] = 1
            for instruction in path.instructions[done:]:
                if isinstance(instruction, GPhase):
                    continue
                matrix, qubits = braket_gate(instruction)
                state = exact.apply(matrix, qubits, state, width)
            self.states[id(path)] = state, len(path.instructions)
            return state

        def split(self, path_index, qubit, outcome_of):
            """Both parts of a path; outcome_of(path, value, state) takes them."""
            path = self._paths[path_index]
            parts = exact.split(self.state_of(path), qubit, width)
            taken = []
            for value in (0, 1):
                if exact.weight(parts[value]) < exact.NOTHING:
                    continue
                if taken:
                    part = spare
                    self._paths.append(part)
                    taken.append(len(self._paths) - 1)
                else:
                    spare = path.branch()
                    part = path
                    taken.append(path_index)
                self.states[id(part)] = outcome_of(part, value, parts[value]), len(part.instructions)
            return taken

        def _branch_single_qubit(self, path_index, qubit, active):
            def outcome(path, value, state):
                path.record_measurement(qubit, value)
                return state

            active += self.split(path_index, qubit, outcome)

        def follow_all(self):
            if not self._is_branched:
                self._is_branched = True
                self._initialize_paths_from_circuit()
            self._apply_pending_mcm_targets()

        def add_reset(self, target):
            self.follow_all()
            for qubit in target:
                active = []
                for index in list(self._active_path_indices):
                    active += self.split(index, qubit, lambda _, value, state: (
                        exact.apply(exact.X, [qubit], state, width) if value else state))
                self._active_path_indices = active

    return Context()


def values_of(variable, size):
    """The bits of a register that Braket's program has; those that nothing set are 0."""
    value = None if variable is None else variable.value
    entries = getattr(value, "values", None)
    if entries is None:
        entries = [value] * size
    return [0 if entry is None else getattr(entry, "value", entry) or 0 for entry in entries]


def braket(text, parameters, width, bits):
    from braket.default_simulator.gate_operations import GPhase
    from braket.default_simulator.openqasm.interpreter import Interpreter

    context = exact_braket_context(width)
    # The interpreter writes into what it is given.
    Interpreter(context).run(text, inputs=copy.deepcopy(parameters))
    if bits is None:
        instructions = [one for one in context.circuit.instructions if not isinstance(one, GPhase)]
        return exact.unitary([("gate", *braket_gate(one)) for one in instructions], width)
    context.follow_all()
    result = {}
    for path in context.active_paths:
        # What the program's bits hold in the end, which assignments change too.
        values = [bit for register in context.circuit.classical_registers
                  for bit in values_of(path.get_variable(register.name), register.size)]
        record = sum(int(bit) << index for index, bit in enumerate(values))
        key = format(record, f"0{bits}b")
        result[key] = result.get(key, 0) + exact.weight(context.state_of(path))
    return result


READERS = {
    "Qiskit loads": qiskit_reader(qasm3.loads),
    "Qiskit rust": qiskit_reader(qasm3.loads_experimental),
    "Qiskit qasm2": qiskit_reader(qasm2.loads),
    "Braket": braket,
    "pytket": pytket,
}

# Who must take what.
READERS_OF = {
    "qiskit": ["Qiskit loads"],
    "qiskit-isa": ["Qiskit loads"],
    "ibm": ["Qiskit loads"],
    "qiskit-rust": ["Qiskit rust", "Qiskit loads"],
    "braket": ["Braket"],
    "qasm2": ["pytket", "Qiskit qasm2"],
    "portable": ["Qiskit loads", "Braket"],
}
