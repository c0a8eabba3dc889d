#!/usr/bin/env python3
"""Reads what Qiskit's exporter writes of circuits with loops, switches, variables and expressions.

    control_parity.py [--cases N] [--seed N]

Each case: a random Qiskit circuit with while loops, switches, branches on expressions, typed variables and stores;
its text by qasm3.dumps goes through `qdcnn_qasm_distribution`; the distribution of the classical bits must be that of
the Qiskit circuit, which a small interpreter here follows along every outcome, to 1e-10. The environment variable
QDCNN_BUILD names the build folder (default build).
"""

import argparse
import collections
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
from qiskit import ClassicalRegister, QuantumCircuit, QuantumRegister, qasm3
from qiskit.circuit import Clbit
from qiskit.circuit.classical import expr, types
from qiskit.quantum_info import Operator

from exact import apply, split

PROGRAM = pathlib.Path(os.environ.get("QDCNN_BUILD", "build")) / "tests" / "qdcnn_qasm_distribution"
TOLERANCE = 1e-10
WIDTH = 4


class Branch:
    """Clbits and variables by identity, and a state that is not normalised."""

    def __init__(self, values, state):
        self.values, self.state = values, state


def width_of(kind):
    return 1 if isinstance(kind, types.Bool) else kind.width


def value_of(node, branch, bit_of):
    if isinstance(node, expr.Value):
        return int(node.value)
    if isinstance(node, expr.Var):
        if isinstance(node.var, Clbit):
            return branch.values[bit_of(node.var)]
        if isinstance(node.var, ClassicalRegister):
            return sum(branch.values[bit_of(bit)] << i for i, bit in enumerate(node.var))
        return branch.values.get(node.var, 0)
    if isinstance(node, expr.Cast):
        inner = value_of(node.operand, branch, bit_of)
        return int(inner != 0) if isinstance(node.type, types.Bool) else inner & ((1 << node.type.width) - 1)
    mask = (1 << width_of(node.type)) - 1
    if isinstance(node, expr.Unary):
        inner = value_of(node.operand, branch, bit_of)
        return int(inner == 0) if node.op == expr.Unary.Op.LOGIC_NOT else ~inner & mask
    if isinstance(node, expr.Index):
        return value_of(node.target, branch, bit_of) >> value_of(node.index, branch, bit_of) & 1
    left, right = value_of(node.left, branch, bit_of), value_of(node.right, branch, bit_of)
    op = expr.Binary.Op
    results = {op.BIT_AND: left & right, op.BIT_OR: left | right, op.BIT_XOR: left ^ right,
               op.LOGIC_AND: left and right, op.LOGIC_OR: left or right, op.EQUAL: left == right,
               op.NOT_EQUAL: left != right, op.LESS: left < right, op.LESS_EQUAL: left <= right,
               op.GREATER: left > right, op.GREATER_EQUAL: left >= right, op.ADD: left + right,
               op.SUB: left - right, op.MUL: left * right}
    return int(results[node.op]) & mask


def condition_holds(condition, branch, bit_of):
    if isinstance(condition, expr.Expr):
        return value_of(condition, branch, bit_of) != 0
    target, value = condition
    bits = [target] if isinstance(target, Clbit) else list(target)
    return sum(branch.values[bit_of(bit)] << i for i, bit in enumerate(bits)) == int(value)


def run(circuit, branches, qubit_index, bit_of, width):
    def inside(block, instruction, some):
        inner_qubits = {inner: qubit_index[outer] for inner, outer in zip(block.qubits, instruction.qubits)}
        inner_bits = dict(zip(block.clbits, instruction.clbits))
        return run(block, some, inner_qubits, lambda bit: bit_of(inner_bits.get(bit, bit)), width)

    for instruction in circuit.data:
        operation = instruction.operation
        qubits = [qubit_index[qubit] for qubit in instruction.qubits]
        after = []
        for branch in branches:
            if operation.name == "measure":
                for value, part in enumerate(split(branch.state, qubits[0], width)):
                    if np.vdot(part, part).real > 1e-20:
                        after.append(Branch({**branch.values, bit_of(instruction.clbits[0]): value}, part))
            elif operation.name == "store":
                value = value_of(operation.rvalue, branch, bit_of)
                target = operation.lvalue.var
                after.append(Branch({**branch.values, bit_of(target) if isinstance(target, Clbit) else target: value},
                                    branch.state))
            elif operation.name == "if_else":
                taken = 0 if condition_holds(operation.condition, branch, bit_of) else 1
                blocks = operation.blocks
                after += inside(blocks[taken], instruction, [branch]) if taken < len(blocks) else [branch]
            elif operation.name == "while_loop":
                turning = [branch]
                while turning:
                    after += [b for b in turning if not condition_holds(operation.condition, b, bit_of)]
                    turning = [b for b in turning if condition_holds(operation.condition, b, bit_of)]
                    turning = inside(operation.blocks[0], instruction, turning) if turning else []
            elif operation.name == "switch_case":
                target = operation.target
                value = value_of(target if isinstance(target, expr.Expr) else expr.lift(target), branch, bit_of)
                for labels, block in operation.cases_specifier():
                    # The default's label is no number.
                    if any(label == value or not isinstance(label, (int, bool)) for label in labels):
                        after += inside(block, instruction, [branch])
                        break
                else:
                    after.append(branch)
            else:
                after.append(Branch(branch.values, apply(Operator(operation).data, qubits, branch.state, width)))
        branches = after
    return branches


def distribution_of(circuit):
    state = np.zeros(2**circuit.num_qubits, dtype=complex)
    state[0] = 1
    start = Branch({bit: 0 for bit in circuit.clbits}, state)
    index = {qubit: i for i, qubit in enumerate(circuit.qubits)}
    distribution = collections.defaultdict(float)
    for branch in run(circuit, [start], index, lambda bit: bit, circuit.num_qubits):
        key = "".join(str(branch.values[bit]) for bit in reversed(circuit.clbits))
        distribution[key] += np.vdot(branch.state, branch.state).real
    return distribution


def random_circuit(random):
    bits = ClassicalRegister(3, "c")
    circuit = QuantumCircuit(QuantumRegister(2, "q"), bits, ClassicalRegister(1, "d"))
    numbers = [circuit.add_var(name, expr.lift(int(random.integers(16)), types.Uint(WIDTH))) for name in "mn"]
    flag = circuit.add_var("flag", expr.lift(False))
    turns = circuit.add_var("turns", expr.lift(0, types.Uint(WIDTH)))

    def number(depth):
        choice = random.integers(6) if depth else random.integers(2)
        if choice == 0:
            return expr.lift(int(random.integers(16)), types.Uint(WIDTH))
        if choice == 1:
            return numbers[random.integers(2)]
        if choice == 2:
            return expr.cast(expr.lift(bits), types.Uint(WIDTH))
        operations = [expr.bit_and, expr.bit_or, expr.bit_xor, expr.add, expr.sub, expr.mul]
        # The exporter writes numbers without their width, so two of them would be joined as int.
        left, right = number(depth - 1), number(depth - 1)
        if isinstance(left, expr.Value):
            left = numbers[0]
        return operations[random.integers(6)](left, right)

    def truth(depth):
        choice = random.integers(5) if depth else random.integers(2)
        if choice == 0:
            return expr.lift(bits[random.integers(3)])
        if choice == 1:
            return flag
        if choice == 2:
            return expr.logic_not(truth(depth - 1))
        if choice == 3:
            return [expr.logic_and, expr.logic_or][random.integers(2)](truth(depth - 1), truth(depth - 1))
        compare = [expr.less, expr.less_equal, expr.greater, expr.greater_equal, expr.equal, expr.not_equal]
        left = number(1)
        return compare[random.integers(6)](numbers[1] if isinstance(left, expr.Value) else left, number(1))

    def step(depth):
        choice = random.integers(8)
        if choice < 2:
            circuit.ry(float(random.uniform(0.3, 2.8)), int(random.integers(2)))
        elif choice == 2:
            circuit.cx(0, 1)
        elif choice == 3:
            circuit.measure(int(random.integers(2)), int(random.integers(4)))
        elif choice == 4:
            circuit.store(numbers[random.integers(2)], number(2))
        elif choice == 5:
            circuit.store(flag, truth(1))
        elif depth == 0:
            step(0)
        elif choice == 6:
            with circuit.if_test(truth(2)) as otherwise:
                step(depth - 1)
            with otherwise:
                step(depth - 1)
        elif random.integers(2):
            circuit.store(turns, expr.lift(0, types.Uint(WIDTH)))
            with circuit.while_loop(expr.logic_and(expr.less(turns, 3), truth(1))):
                step(0)
                step(0)
                circuit.store(turns, expr.add(turns, expr.lift(1, types.Uint(WIDTH))))
        else:
            with circuit.switch(numbers[0] if random.integers(2) else bits) as case:
                with case(0, 3):
                    step(0)
                with case(1):
                    step(0)
                with case(case.DEFAULT):
                    step(0)

    circuit.h(0)
    circuit.measure(0, 0)
    for _ in range(8):
        step(2)
    circuit.measure(0, 3)
    return circuit


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--cases", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    worst, failures, too_wide = 0.0, 0, 0
    with tempfile.TemporaryDirectory() as folder:
        for index in range(options.cases):
            circuit = random_circuit(np.random.default_rng(options.seed + index))
            path = pathlib.Path(folder) / "case.qasm"
            path.write_text(qasm3.dumps(circuit))
            got = json.loads(subprocess.run([PROGRAM, path], capture_output=True, text=True, check=True).stdout)
            # A record of bits and measured variables has 64 bits; which circuits need more is told, not passed over.
            if "at most 64 classical bits" in got.get("error", ""):
                print(f"case {index}: needs more than 64 bits")
                too_wide += 1
                continue
            if "error" in got:
                print(f"case {index}: {got['error']}")
                failures += 1
                continue
            expected = distribution_of(circuit)
            difference = max(abs(got.get(key, 0) - expected.get(key, 0)) for key in set(got) | set(expected))
            worst = max(worst, difference)
            if not difference <= TOLERANCE:
                print(f"case {index}: differs by {difference:.3g}\n{path.read_text()}")
                failures += 1
    print(f"{options.cases} circuits with control flow from Qiskit, seed {options.seed}: "
          f"{failures} failed, {too_wide} need more than 64 bits, worst difference {worst:.2g}")
    sys.exit(1 if failures or too_wide > options.cases // 20 else 0)


if __name__ == "__main__":
    main()
