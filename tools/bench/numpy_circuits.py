"""Real state vectors and adjoint gradients in numpy, vectorised over state columns.

A state is a 2^qubits x columns array of real amplitudes (RY, CNOT and H need no others), qubit 0 the least
significant bit of the row. A circuit is layers: RY on distinct wires, then CNOTs. Its angles are a table: one row an
RY in order, one column a state column. Two ways to run one, with equal results:

- `TextbookCircuit`: one gate after the other; the gradient walks ket and bra back together, undoing each gate
  (Jones and Gacon, Efficient calculation of gradients in classical simulations, arXiv 2009.02823).
- `LayeredCircuit`: a layer's CNOTs are one row permutation, the ket behind each layer's RYs is kept, so that only the
  bra walks back, and the RYs of a layer commute, so that all their gradients are read at one place.
"""
from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Indices = NDArray[np.int64]


@dataclass(frozen=True)
class Layer:
    """RY on `wires`, all different, then CNOTs `pairs` (control, target) in order."""

    qubits: int
    wires: list[int]
    pairs: list[tuple[int, int]]

    @cached_property
    def rows(self) -> Indices:
        """The CNOTs as a permutation: the state behind them is state[rows]."""
        return cnot_rows(self.qubits, self.pairs)

    @cached_property
    def undo(self) -> Indices:
        return cnot_rows(self.qubits, self.pairs[::-1])


@dataclass(frozen=True)
class Trace:
    """What a gradient needs of a run: final state, kept states, cos and sin of half the angles."""

    state: Array
    kept: list[Array]
    cosines: Array
    sines: Array


def cnot_rows(qubits: int, pairs: list[tuple[int, int]]) -> Indices:
    rows = np.arange(2**qubits)
    for control, target in reversed(pairs):
        rows = rows ^ (((rows >> control) & 1) << target)
    return rows


def z_diagonals(qubits: int) -> Array:
    """One row a qubit: the diagonal of Z."""
    return 1.0 - 2.0 * ((np.arange(2**qubits) >> np.arange(qubits)[:, None]) & 1)


def hadamards(states: Array) -> Array:
    """H on every qubit of each column."""
    qubits = len(states).bit_length() - 1
    matrix = np.array([[1.0, 1.0], [1.0, -1.0]]) / np.sqrt(2)
    for wire in range(qubits):
        pairs = states.reshape(-1, 2, 1 << wire, states.shape[1])
        states = np.einsum("ij,ajbc->aibc", matrix, pairs).reshape(states.shape)
    return states


def rotate(state: Array, wire: int, cosine: Array, sine: Array) -> None:
    """RY in place; cosine and sine of half the angle, one a column."""
    pairs = state.reshape(-1, 2, 1 << wire, state.shape[1])
    low, high = pairs[:, 0], pairs[:, 1]
    from_low, from_high = sine * low, sine * high
    state *= cosine
    low -= from_high
    high += from_low


def controlled_not(state: Array, control: int, target: int) -> None:
    """CNOT in place."""
    upper, lower = max(control, target), min(control, target)
    cube = state.reshape(-1, 2, 1 << (upper - lower - 1), 2, 1 << lower, state.shape[1])
    on = cube[:, 1] if control > target else cube[:, :, :, 1]
    zero, one = (on[:, :, 0], on[:, :, 1]) if control > target else (on[:, 0], on[:, 1])
    held = zero.copy()
    zero[...] = one
    one[...] = held


def angle_gradient(bra: Array, ket: Array, wire: int) -> Array:
    """<bra| -iY |ket> on the wire, one number a column: d<O>/d angle for bra = O|ket> taken behind the RY."""
    shape = (-1, 2, 1 << wire, ket.shape[1])
    left, right = bra.reshape(shape), ket.reshape(shape)
    return (left[:, 1] * right[:, 0] - left[:, 0] * right[:, 1]).sum(axis=(0, 1))


class Circuit:
    """Layers and observables; the observables are diagonals, one row each, 2^qubits wide."""

    def __init__(self, layers: list[Layer], observables: Array) -> None:
        self.layers, self.observables = layers, observables

    def run(self, start: Array, angles: Array) -> tuple[Array, Trace]:
        """Expectation values, observables x columns. `start` is not changed."""
        trace = self.evolve(start.copy(), np.cos(angles / 2), np.sin(angles / 2))
        return self.observables @ (trace.state * trace.state), trace

    def gradient(self, trace: Trace, weights: Array) -> Array:
        """d(sum of weights * expectation values) / d angles, a table like the angles; weights as `run` returns."""
        return self.walk_back(trace, (self.observables.T @ weights) * trace.state)

    def evolve(self, state: Array, cosines: Array, sines: Array) -> Trace:
        raise NotImplementedError

    def walk_back(self, trace: Trace, bra: Array) -> Array:
        raise NotImplementedError


class TextbookCircuit(Circuit):
    """Gate by gate."""

    def evolve(self, state: Array, cosines: Array, sines: Array) -> Trace:
        angles = iter(zip(cosines, sines))
        for layer in self.layers:
            for wire in layer.wires:
                rotate(state, wire, *next(angles))
            for control, target in layer.pairs:
                controlled_not(state, control, target)
        return Trace(state, [], cosines, sines)

    def walk_back(self, trace: Trace, bra: Array) -> Array:
        ket, result, slot = trace.state.copy(), np.empty_like(trace.cosines), len(trace.cosines)
        for layer in reversed(self.layers):
            for control, target in reversed(layer.pairs):
                controlled_not(ket, control, target)
                controlled_not(bra, control, target)
            for wire in reversed(layer.wires):
                slot -= 1
                result[slot] = angle_gradient(bra, ket, wire)
                rotate(ket, wire, trace.cosines[slot], -trace.sines[slot])
                rotate(bra, wire, trace.cosines[slot], -trace.sines[slot])
        return result


class LayeredCircuit(Circuit):
    """Layer by layer."""

    def evolve(self, state: Array, cosines: Array, sines: Array) -> Trace:
        kept, angles = [], iter(zip(cosines, sines))
        for layer in self.layers:
            for wire in layer.wires:
                rotate(state, wire, *next(angles))
            kept.append(state)
            # The gather makes a fresh array, so the kept one stays as it is.
            state = state.take(layer.rows, axis=0)
        return Trace(state, kept, cosines, sines)

    def walk_back(self, trace: Trace, bra: Array) -> Array:
        result, slot = np.empty_like(trace.cosines), len(trace.cosines)
        for layer, ket in zip(reversed(self.layers), reversed(trace.kept)):
            bra = bra.take(layer.undo, axis=0)
            slot -= len(layer.wires)
            for offset, wire in enumerate(layer.wires, slot):
                result[offset] = angle_gradient(bra, ket, wire)
            if slot > 0:
                for offset, wire in enumerate(layer.wires, slot):
                    rotate(bra, wire, trace.cosines[offset], -trace.sines[offset])
        return result
