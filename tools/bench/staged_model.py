"""The staged text classifier on numpy state vectors: stages, gradient, Adam, training.

Angles in radians; word id w is the basis state |w>. Parameters lie flat: word embedding, sentence embedding,
convolution kernels, QLinear.
"""
from __future__ import annotations

import statistics
import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from numpy_circuits import (Array, Circuit, Indices, Layer, LayeredCircuit, TextbookCircuit, Trace, hadamards,
                            z_diagonals)
from staged_data import CLASSES, KERNEL, Example, Preset, Vocabulary


@dataclass(frozen=True)
class Method:
    """How states are run, and whether a word that stands twice in a batch is embedded once."""

    circuit: type[Circuit]
    distinct_words: bool


METHODS = {"layered": Method(LayeredCircuit, True), "textbook": Method(TextbookCircuit, False)}


def embedding_layers(qubits: int, layers: int) -> list[Layer]:
    wires = list(range(qubits))
    return [Layer(qubits, wires, [(i, (i + l + 1) % qubits) for i in wires]) for l in range(layers)]


def convolution_layers(depth: int) -> list[Layer]:
    """RY of the three inputs, then depth x (CNOT chain, RY of the kernel)."""
    wires, chain = list(range(KERNEL)), [(0, 1), (1, 2)]
    return [Layer(KERNEL, wires, chain) for _ in range(depth)] + [Layer(KERNEL, wires, [])]


def linear_layers(qubits: int) -> list[Layer]:
    """QLinear: RY of the inputs, then n + 1 times RY and a CNOT to the wire C further on."""
    steps = [index % qubits for index in range(qubits + 1)]
    pairs = [(wire, (wire + CLASSES) % qubits) for wire in steps]
    return [Layer(qubits, list(range(qubits)), [])] + [Layer(qubits, [p[0]], [p]) for p in pairs]


@dataclass(frozen=True)
class Batch:
    """Sentences as the model eats them: ids (sentences x positions), amplitudes (2^n x sentences), labels."""

    ids: Indices
    amplitudes: Array
    labels: Indices

    def part(self, chosen: Indices) -> Batch:
        return Batch(self.ids[chosen], self.amplitudes[:, chosen], self.labels[chosen])


@dataclass(frozen=True)
class Forward:
    """All stages of one batch. `values` holds the input of each convolution layer and the output of the last."""

    words: Indices
    word_of: Indices
    embedded: Array
    embedding: Trace
    values: list[Array]
    convolutions: list[Trace]
    fused: Array
    logits: Array
    linear: Trace
    probabilities: Array
    losses: Array


class StagedModel:
    """The circuits of a preset for the vocabulary's qubits."""

    def __init__(self, preset: Preset, vocabulary: Vocabulary, method: Method = METHODS["layered"]) -> None:
        self.preset, self.qubits, self.method = preset, vocabulary.qubits, method
        diagonals, kernel_diagonals = z_diagonals(self.qubits), z_diagonals(KERNEL)
        self.embedding = method.circuit(embedding_layers(self.qubits, preset.layers), diagonals)
        self.convolution = method.circuit(convolution_layers(preset.conv_depth), kernel_diagonals.sum(axis=0)[None])
        self.linear = method.circuit(linear_layers(self.qubits), diagonals[:CLASSES])
        self.word_states = self.prepared(np.eye(2**self.qubits)[:, : len(vocabulary.tokens)])
        width = preset.layers * self.qubits
        sizes = [width, width] + [preset.conv_depth * KERNEL] * preset.conv_layers + [self.qubits + 1]
        self.bounds = np.cumsum(sizes)
        self.parameter_count = int(self.bounds[-1])

    def prepared(self, states: Array) -> Array:
        """The states in front of the first RY: constants of the data, so H is applied once, not every epoch."""
        return hadamards(states) if self.preset.hadamard else states

    def batch(self, vocabulary: Vocabulary, examples: list[Example]) -> Batch:
        ids = vocabulary.encode(examples)
        amplitudes = vocabulary.amplitudes(vocabulary.tfidf(ids))
        return Batch(ids, self.prepared(amplitudes), np.array([example.label for example in examples]))

    def split(self, flat: Array) -> list[Array]:
        return np.split(flat, self.bounds[:-1])

    def forward(self, flat: Array, batch: Batch) -> Forward:
        word, sentence, *kernels, fc = self.split(flat)
        words, word_of = self.columns(batch.ids)
        count = len(words)
        states = np.concatenate([self.word_states[:, words], batch.amplitudes], axis=1)
        angles = np.empty((len(word), states.shape[1]))
        angles[:, :count], angles[:, count:] = word[:, None], sentence[:, None]
        embedded, embedding = self.embedding.run(states, angles)
        values, convolutions = [embedded[:, word_of]], []
        for kernel in kernels:
            output, trace = self.convolve(values[-1], kernel)
            values.append(output)
            convolutions.append(trace)
        fused = values[-1].mean(axis=2) + embedded[:, count:]
        logits, linear = self.classify(fused, fc)
        powers = np.exp(logits)
        probabilities = powers / powers.sum(axis=0)
        losses = -np.log(probabilities[batch.labels, np.arange(len(batch.labels))])
        return Forward(words, word_of, embedded, embedding, values, convolutions, fused, logits, linear, probabilities,
                       losses)

    def columns(self, ids: Indices) -> tuple[Indices, Indices]:
        """The words to embed, and for each sentence and position which of them stands there."""
        if self.method.distinct_words:
            words, word_of = np.unique(ids, return_inverse=True)
            return words, word_of.reshape(ids.shape)
        return ids.reshape(-1), np.arange(ids.size).reshape(ids.shape)

    def convolve(self, values: Array, kernel: Array) -> tuple[Array, Trace]:
        """One kernel over all windows: values qubits x sentences x positions, two positions fewer come back."""
        width = values.shape[2] - KERNEL + 1
        angles = np.empty((KERNEL + len(kernel), values[:, :, :width].size))
        for tap in range(KERNEL):
            angles[tap] = values[:, :, tap : tap + width].reshape(-1)
        angles[KERNEL:] = kernel[:, None]
        start = np.full((2**KERNEL, angles.shape[1]), 2.0 ** (-KERNEL / 2))
        output, trace = self.convolution.run(start, angles)
        return output.reshape(values.shape[0], values.shape[1], width), trace

    def classify(self, fused: Array, fc: Array) -> tuple[Array, Trace]:
        angles = np.empty((self.qubits + len(fc), fused.shape[1]))
        angles[: self.qubits], angles[self.qubits :] = fused, fc[:, None]
        start = np.zeros((2**self.qubits, fused.shape[1]))
        start[0] = 1.0
        return self.linear.run(start, angles)

    def gradient(self, stages: Forward, labels: Indices) -> Array:
        """Of the mean loss, flat."""
        sentences = len(labels)
        wanted = np.zeros((CLASSES, sentences))
        wanted[labels, np.arange(sentences)] = 1.0
        table = self.linear.gradient(stages.linear, (stages.probabilities - wanted) / sentences)
        fused, parts = table[: self.qubits], [table[self.qubits :].sum(axis=1)]
        last = stages.values[-1]
        flow = np.broadcast_to(fused[:, :, None] / last.shape[2], last.shape)
        for values, trace in zip(stages.values[-2::-1], stages.convolutions[::-1]):
            table = self.convolution.gradient(trace, flow.reshape(1, -1))
            parts.append(table[KERNEL:].sum(axis=1))
            taps, width = table[:KERNEL].reshape((KERNEL,) + flow.shape), flow.shape[2]
            flow = np.zeros_like(values)
            for tap in range(KERNEL):
                flow[:, :, tap : tap + width] += taps[tap]
        count = len(stages.words)
        weights = np.empty_like(stages.embedded)
        weights[:, :count], weights[:, count:] = self.gather(flow, stages.word_of, count), fused
        table = self.embedding.gradient(stages.embedding, weights)
        parts += [table[:, count:].sum(axis=1), table[:, :count].sum(axis=1)]
        return np.concatenate(parts[::-1])

    def gather(self, flow: Array, word_of: Indices, count: int) -> Array:
        """Sums over the places where a word stands: qubits x sentences x positions to qubits x words."""
        flat = flow.reshape(self.qubits, -1)
        return flat @ (word_of.reshape(-1, 1) == np.arange(count)) if self.method.distinct_words else flat


@dataclass(frozen=True)
class Score:
    accuracy: float
    loss: float
    n: int


class Adam:
    """theta -= rate * m_hat / sqrt(v_hat + 1e-8): the epsilon stands inside the root, as the published model has it."""

    def __init__(self, size: int, rate: float) -> None:
        self.rate, self.steps = rate, 0
        self.mean, self.square = np.zeros(size), np.zeros(size)

    def step(self, flat: Array, gradient: Array) -> Array:
        self.steps += 1
        self.mean = 0.9 * self.mean + 0.1 * gradient
        self.square = 0.999 * self.square + 0.001 * gradient * gradient
        mean = self.mean / (1 - 0.9**self.steps)
        square = self.square / (1 - 0.999**self.steps)
        return flat - self.rate * mean / np.sqrt(square + 1e-8)


def score(model: StagedModel, flat: Array, batch: Batch) -> Score:
    stages = model.forward(flat, batch)
    right = stages.logits.argmax(axis=0) == batch.labels
    return Score(float(right.mean()), float(stages.losses.mean()), len(batch.labels))


def train(model: StagedModel, training: Batch, testing: Batch, seed: int, epochs: int) -> dict[str, Any]:
    """Trains to the last epoch; nothing is selected. Each epoch is timed with both evaluations."""
    random = np.random.default_rng(seed)
    flat = random.uniform(0, 2 * np.pi, model.parameter_count)
    adam = Adam(model.parameter_count, model.preset.learning_rate)
    seconds = []
    for _ in range(epochs):
        begin = time.process_time()
        order = random.permutation(len(training.labels))
        for start in range(0, len(order), model.preset.batch_size):
            part = training.part(order[start : start + model.preset.batch_size])
            flat = adam.step(flat, model.gradient(model.forward(flat, part), part.labels))
        scores = [score(model, flat, training), score(model, flat, testing)]
        seconds.append(time.process_time() - begin)
    return {
        "parameters": model.parameter_count,
        "train": vars(scores[0]),
        "test": vars(scores[1]),
        "epochs": epochs,
        "seed": seed,
        "epoch_cpu_seconds": {"min": min(seconds), "median": statistics.median(seconds)},
        "cpu_seconds": sum(seconds),
    }
