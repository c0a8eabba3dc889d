"""Whether a transpiled circuit means what its input meant, by a party that is not us: Aer's states up to 22 used wires,
its matrix product states beyond, and Qiskit's matrices along every branch for circuits with `if`.

The state oracle starts both from the same random product state, each qubit where the layout puts it, and compares the
states through the final layout; the wires in between must end in |0>. Where a circuit ends in read-outs, phases before
them are free: then the distributions over the measured qubits are compared, from several states.
"""
from __future__ import annotations

import multiprocessing

import numpy as np
from qiskit import QuantumCircuit, transpile
from qiskit.quantum_info import Operator, Pauli

WIDEST_STATE = 22
WIDEST_BRANCHES = 18
TOLERANCE = 1e-9
LONGEST_CHECK = 45.0


def has_branches(circuit: QuantumCircuit) -> bool:
    """Whether something happens after a measurement on its qubit, or a reset or an `if` is in it."""
    measured = set()
    for step in circuit.data:
        if step.operation.name in ("if_else", "reset"):
            return True
        if step.operation.name != "barrier" and any(qubit in measured for qubit in step.qubits):
            return True
        if step.operation.name == "measure":
            measured.add(step.qubits[0])
    return False


def wires(circuit: QuantumCircuit, initial: list[int], final: list[int]) -> list[int]:
    used = set(initial) | set(final)
    for step in circuit.data:
        if step.operation.name != "barrier":
            used |= {circuit.find_bit(qubit).index for qubit in step.qubits}
    return sorted(used)


def on_wires(circuit: QuantumCircuit, used: list[int], keeps_measures: bool) -> QuantumCircuit:
    place = {wire: index for index, wire in enumerate(used)}
    made = QuantumCircuit(len(used))
    made.add_bits(circuit.clbits)
    for register in circuit.cregs:
        made.add_register(register)
    for step in circuit.data:
        if step.operation.name == "barrier" or (step.operation.name == "measure" and not keeps_measures):
            continue
        made.append(step.operation, [place[circuit.find_bit(qubit).index] for qubit in step.qubits], step.clbits)
    return made


def final_state(circuit: QuantumCircuit) -> np.ndarray:
    from qiskit_aer import AerSimulator

    simulator = AerSimulator(method="statevector", max_parallel_threads=1)
    made = transpile(circuit, simulator, optimization_level=0)
    made.save_statevector()
    return np.asarray(simulator.run(made).result().get_statevector(made))


def product_state(width: int, places: list[int], angles: np.ndarray) -> QuantumCircuit:
    circuit = QuantumCircuit(width)
    for place, (theta, phi) in zip(places, angles):
        circuit.u(theta, phi, 0, place)
    return circuit


def measured_by_bit(circuit: QuantumCircuit) -> dict[int, int]:
    return {circuit.find_bit(step.clbits[0]).index: circuit.find_bit(step.qubits[0]).index
            for step in circuit.data if step.operation.name == "measure"}


def marginal(state: np.ndarray, width: int, qubits: list[int]) -> np.ndarray:
    """Probabilities over `qubits`, the first of them the slowest axis."""
    tensor = (np.abs(state) ** 2).reshape([2] * width)
    axes = [width - 1 - qubit for qubit in qubits]
    rest = tuple(axis for axis in range(width) if axis not in axes)
    kept = sorted(axes)
    return np.transpose(tensor.sum(axis=rest), [kept.index(axis) for axis in axes]).ravel()


def same_states(given: QuantumCircuit, made: QuantumCircuit, initial: list[int], final: list[int],
                used: list[int]) -> bool:
    place = {wire: index for index, wire in enumerate(used)}
    count, width = given.num_qubits, len(used)
    start, end = [place[wire] for wire in initial], [place[wire] for wire in final]
    plain, placed = on_wires(given, list(range(count)), False), on_wires(made, used, False)
    plain_bits, placed_bits = measured_by_bit(given), measured_by_bit(made)
    if plain_bits.keys() != placed_bits.keys():
        return False
    random = np.random.default_rng(7)
    for _ in range(3):
        angles = random.uniform(0, np.pi, (count, 2))
        plain_state = final_state(product_state(count, list(range(count)), angles).compose(plain))
        placed_state = final_state(product_state(width, start, angles).compose(placed))
        between = [wire for wire in range(width) if wire not in end]
        tensor = placed_state.reshape([2] * width)
        tensor = np.transpose(tensor, [width - 1 - wire for wire in between + end[::-1]])
        overlap = abs(np.vdot(plain_state, tensor.reshape(2 ** len(between), -1)[0]))
        if abs(overlap - 1) < TOLERANCE:
            if not plain_bits:
                return True
            # Read-outs may still sit on wrong wires.
        elif not plain_bits:
            return False
        bits = sorted(plain_bits)
        expected = marginal(plain_state, count, [plain_bits[bit] for bit in bits])
        found = marginal(placed_state, width, [place[placed_bits[bit]] for bit in bits])
        if np.abs(expected - found).sum() > TOLERANCE:
            return False
    return True


def last_readouts(circuit: QuantumCircuit) -> tuple[QuantumCircuit, dict[int, int]]:
    """The circuit without the measurements that nothing follows, and those: bit -> qubit. As branches they would be as
    many as there are outcomes."""
    touched, last, kept = set(), {}, []
    for step in reversed(circuit.data):
        if step.operation.name == "barrier":
            continue
        if step.operation.name == "measure" and touched.isdisjoint([*step.qubits, *step.clbits]):
            last[circuit.find_bit(step.clbits[0]).index] = circuit.find_bit(step.qubits[0]).index
        else:
            kept.append(step)
            touched.update(step.qubits)
        touched.update(step.clbits)
    made = circuit.copy_empty_like()
    for step in reversed(kept):
        made.append(step)
    return made, last


def distribution(whole: QuantumCircuit) -> dict[tuple[int, ...], np.ndarray]:
    """For each outcome of the measurements on the way, the joint probabilities of it and of the last read-outs."""
    circuit, last = last_readouts(whole)
    width = circuit.num_qubits
    start = np.zeros([2] * width, dtype=complex)
    start[(0,) * width] = 1
    branches = [(start, (0,) * circuit.num_clbits)]

    def holds(condition, bits, clbits) -> bool:
        left, value = condition
        if hasattr(left, "size"):
            return sum(bits[clbits[bit]] << index for index, bit in enumerate(left)) == value
        return bits[clbits[left]] == int(value)

    def run(block: QuantumCircuit, qubits: dict, clbits: dict, branches: list) -> list:
        for step in block.data:
            targets = [qubits[qubit] for qubit in step.qubits]
            name = step.operation.name
            if name == "barrier":
                continue
            if name in ("measure", "reset"):
                parts = []
                for state, bits in branches:
                    for value in (0, 1):
                        part = np.zeros_like(state)
                        source = [slice(None)] * width
                        source[width - 1 - targets[0]] = value
                        place = list(source)
                        if name == "reset":
                            place[width - 1 - targets[0]] = 0
                        part[tuple(place)] = state[tuple(source)]
                        if np.vdot(part, part).real < 1e-16:
                            continue
                        after = list(bits)
                        if name == "measure":
                            after[clbits[step.clbits[0]]] = value
                        parts.append((part, tuple(after)))
                branches = parts
            elif name == "if_else":
                after = []
                outer = dict(zip(step.clbits, (clbits[bit] for bit in step.clbits)))
                for branch in branches:
                    body = step.operation.blocks
                    chosen = holds(step.operation.condition, branch[1], clbits)
                    if not chosen and len(body) < 2:
                        after.append(branch)
                        continue
                    inner = body[0] if chosen else body[1]
                    after += run(inner, dict(zip(inner.qubits, targets)), dict(zip(inner.clbits, outer.values())), [branch])
                branches = after
            else:
                matrix = Operator(step.operation).data.reshape([2] * (2 * len(targets)))
                axes = [width - 1 - target for target in reversed(targets)]
                inputs = list(range(len(targets), 2 * len(targets)))
                branches = [(np.moveaxis(np.tensordot(matrix, state, axes=(inputs, axes)), range(len(axes)), axes), bits)
                            for state, bits in branches]
        return branches

    found: dict[tuple[int, ...], np.ndarray] = {}
    branches = run(circuit, {qubit: index for index, qubit in enumerate(circuit.qubits)},
                   {bit: index for index, bit in enumerate(circuit.clbits)}, branches)
    readouts = [last[bit] for bit in sorted(last)]
    for state, bits in branches:
        found[bits] = found.get(bits, 0.0) + marginal(state, width, readouts)
    return found


def same_distributions(given: QuantumCircuit, made: QuantumCircuit, initial: list[int], used: list[int]) -> bool:
    place = {wire: index for index, wire in enumerate(used)}
    angles = np.random.default_rng(7).uniform(0, np.pi, (given.num_qubits, 2))
    plain = on_wires(given, list(range(given.num_qubits)), True)
    placed = on_wires(made, used, True)
    start = product_state(given.num_qubits, list(range(given.num_qubits)), angles)
    expected = distribution(plain.compose(start, front=True))
    start = product_state(len(used), [place[wire] for wire in initial], angles)
    found = distribution(placed.compose(start, front=True))
    return sum(np.abs(expected.get(key, 0) - found.get(key, 0)).sum()
               for key in expected.keys() | found.keys()) < TOLERANCE


def expectations(circuit: QuantumCircuit, observables: list[tuple[str, list[int]]]) -> np.ndarray:
    """By matrix product states."""
    from qiskit_aer import AerSimulator

    simulator = AerSimulator(method="matrix_product_state", max_parallel_threads=1)
    made = transpile(circuit, simulator, optimization_level=0)
    for index, (letters, qubits) in enumerate(observables):
        made.save_expectation_value(Pauli(letters[::-1]), qubits, label=str(index))
    found = simulator.run(made).result().data(made)
    return np.array([found[str(index)] for index in range(len(observables))])


def same_expectations(given: QuantumCircuit, made: QuantumCircuit, initial: list[int], final: list[int],
                      used: list[int]) -> bool:
    """Random products of Z over the measured qubits, of any Paulis where nothing is measured, from a random state."""
    place = {wire: index for index, wire in enumerate(used)}
    plain_bits, placed_bits = measured_by_bit(given), measured_by_bit(made)
    if plain_bits.keys() != placed_bits.keys():
        return False
    random = np.random.default_rng(7)
    plain_qubits = [plain_bits[bit] for bit in sorted(plain_bits)] or list(range(given.num_qubits))
    placed_wires = [placed_bits[bit] for bit in sorted(plain_bits)] or final
    plain_observables, placed_observables = [], []
    for index in range(60):
        # Every qubit by itself, then products of several.
        chosen = ([index] if index < len(plain_qubits) else
                  sorted(random.choice(len(plain_qubits), min(len(plain_qubits), 1 + index % 5), replace=False)))
        letters = "".join("Z" if plain_bits else random.choice(list("XYZ")) for _ in chosen)
        plain_observables.append((letters, [plain_qubits[one] for one in chosen]))
        placed_observables.append((letters, [place[placed_wires[one]] for one in chosen]))
    angles = random.uniform(0, np.pi, (given.num_qubits, 2))
    every = list(range(given.num_qubits))
    plain = product_state(given.num_qubits, every, angles).compose(on_wires(given, every, False))
    placed = product_state(len(used), [place[wire] for wire in initial], angles).compose(on_wires(made, used, False))
    return bool(np.abs(expectations(plain, plain_observables) - expectations(placed, placed_observables)).max() < 1e-6)


Parity = tuple[list[int], bool]


def plain_parities(circuit: QuantumCircuit) -> list[Parity]:
    return [([bit], False) for bit in range(circuit.num_clbits)]


def parities_of(readout: list[dict], given: QuantumCircuit, made: QuantumCircuit) -> list[Parity]:
    """For each bit of `given`, of which bits of `made` it is the parity: the "readout" of a layout file."""
    def places(circuit: QuantumCircuit) -> dict[str, int]:
        return {f"{register.name}[{index}]": circuit.find_bit(bit).index
                for register in circuit.cregs for index, bit in enumerate(register)}

    asked, read = places(given), places(made)
    parities: list[Parity] = [([], False)] * given.num_clbits
    for row in readout:
        parities[asked[row["bit"]]] = ([read[name] for name in row["parity_of"]], row["flip"])
    return parities


def values_distribution(circuit: QuantumCircuit, parities: list[Parity]) -> np.ndarray:
    """Probabilities of the words that the parities spell, the first one least significant."""
    total = np.zeros(2 ** len(parities))
    if has_branches(circuit):
        last = sorted(last_readouts(circuit)[1])
        parts = distribution(circuit)
    else:
        by_bit = measured_by_bit(circuit)
        last = sorted(by_bit)
        state = final_state(on_wires(circuit, list(range(circuit.num_qubits)), False))
        parts = {(0,) * circuit.num_clbits: marginal(state, circuit.num_qubits, [by_bit[bit] for bit in last])}
    index = np.arange(2 ** len(last))
    for bits, probabilities in parts.items():
        values = [np.full_like(index, value) for value in bits]
        for place, bit in enumerate(last):
            values[bit] = index >> (len(last) - 1 - place) & 1
        words = np.zeros_like(index)
        for place, (sources, flip) in enumerate(parities):
            parity = np.full_like(index, int(flip))
            for source in sources:
                parity ^= values[source]
            words |= parity << place
        np.add.at(total, words, probabilities)
    return total


def same_values(given: QuantumCircuit, made: QuantumCircuit, initial: list[int], used: list[int],
                parities: list[Parity]) -> bool:
    place = {wire: index for index, wire in enumerate(used)}
    angles = np.random.default_rng(7).uniform(0, np.pi, (given.num_qubits, 2))
    every = list(range(given.num_qubits))
    plain = on_wires(given, every, True).compose(product_state(given.num_qubits, every, angles), front=True)
    start = product_state(len(used), [place[wire] for wire in initial], angles)
    placed = on_wires(made, used, True).compose(start, front=True)
    expected = values_distribution(plain, plain_parities(given))
    return bool(np.abs(expected - values_distribution(placed, parities)).sum() < TOLERANCE)


def same_parities(given: QuantumCircuit, made: QuantumCircuit, initial: list[int], used: list[int],
                  parities: list[Parity]) -> bool:
    """Expectation values of products of the read-outs, by matrix product states."""
    place = {wire: index for index, wire in enumerate(used)}
    plain_bits, placed_bits = measured_by_bit(given), measured_by_bit(made)
    random = np.random.default_rng(7)
    bits = sorted(plain_bits)
    plain_observables, placed_observables, signs = [], [], []
    for index in range(60):
        chosen = ([bits[index]] if index < len(bits) else
                  sorted(random.choice(bits, min(len(bits), 1 + index % 5), replace=False)))
        wires_read: set[int] = set()
        sign = 1
        for bit in chosen:
            sources, flip = parities[bit]
            sign *= -1 if flip else 1
            for source in sources:
                wires_read ^= {place[placed_bits[source]]}
        if not wires_read:
            continue
        plain_observables.append(("Z" * len(chosen), [plain_bits[bit] for bit in chosen]))
        placed_observables.append(("Z" * len(wires_read), sorted(wires_read)))
        signs.append(sign)
    angles = random.uniform(0, np.pi, (given.num_qubits, 2))
    every = list(range(given.num_qubits))
    plain = product_state(given.num_qubits, every, angles).compose(on_wires(given, every, False))
    placed = product_state(len(used), [place[wire] for wire in initial], angles).compose(on_wires(made, used, False))
    found = np.array(signs) * expectations(placed, placed_observables)
    return bool(np.abs(expectations(plain, plain_observables) - found).max() < 1e-6)


def within_time(check, *arguments) -> str:
    """The check in a process of its own, for Aer cannot be interrupted."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("fork").Process(target=lambda: theirs.send(check(*arguments)))
    process.start()
    answer = ours.recv() if ours.poll(LONGEST_CHECK) else None
    process.kill()
    process.join()
    if answer is None:
        return f"not told in {LONGEST_CHECK:.0f} s"
    return "equal" if answer else "different"


def bound(given: QuantumCircuit, made: QuantumCircuit) -> tuple[QuantumCircuit, QuantumCircuit]:
    if not given.parameters:
        return given, made
    random = np.random.default_rng(11)
    values = {parameter.name: random.uniform(-3, 3) for parameter in given.parameters}
    return given.assign_parameters(values), made.assign_parameters(
        {parameter.name: values[parameter.name] for parameter in made.parameters})


def without_branches(circuit: QuantumCircuit) -> QuantumCircuit:
    """Branches on the bit of a qubit that is left alone after its measurement are gates that it controls; a circuit with
    others comes back as it is."""
    made = circuit.copy_empty_like()
    holder: dict = {}
    for step in circuit.data:
        if step.operation.name == "if_else":
            bit, value = step.operation.condition
            if bit not in holder or len(step.operation.blocks) > 2:
                return circuit
            for block, state in zip(step.operation.blocks, (int(value), 1 - int(value))):
                place = dict(zip(block.qubits, step.qubits))
                for inner in block.data:
                    if inner.operation.name in ("measure", "reset", "if_else"):
                        return circuit
                    gate = inner.operation.to_mutable() if hasattr(inner.operation, "to_mutable") else inner.operation
                    made.append(gate.control(1, ctrl_state=state),
                                [holder[bit], *(place[qubit] for qubit in inner.qubits)])
            continue
        if step.operation.name != "barrier" and set(step.qubits) & set(holder.values()):
            return circuit
        made.append(step)
        if step.operation.name == "measure":
            holder[step.clbits[0]] = step.qubits[0]
    return made


def readout_verdict(given: QuantumCircuit, made: QuantumCircuit, initial: list[int], final: list[int],
                    readout: list[dict]) -> str:
    """As verdict, of a measurement-aware result: whether its bits, put together as the read-out map says, are distributed
    as the input's."""
    given, made = bound(given, made)
    parities = parities_of(readout, given, made)
    given, made = without_branches(given), without_branches(made)
    used = wires(made, initial, final)
    branches = has_branches(given) or has_branches(made)
    if len(used) <= (WIDEST_BRANCHES if branches else WIDEST_STATE):
        return within_time(same_values, given, made, initial, used, parities)
    if branches:
        return f"not checked: branches on {len(used)} wires"
    return within_time(same_parities, given, made, initial, used, parities)


def verdict(given: QuantumCircuit, made: QuantumCircuit, initial: list[int], final: list[int]) -> str:
    """"equal", "different", or what the oracle says when it cannot tell."""
    given, made = bound(given, made)
    used = wires(made, initial, final)
    if has_branches(given) or has_branches(made):
        if len(used) > WIDEST_BRANCHES:
            return f"not checked: branches on {len(used)} wires"
        return "equal" if same_distributions(given, made, initial, used) else "different"
    if len(used) <= WIDEST_STATE:
        return "equal" if same_states(given, made, initial, final, used) else "different"
    return within_time(same_expectations, given, made, initial, final, used)
