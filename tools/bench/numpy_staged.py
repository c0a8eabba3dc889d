#!/usr/bin/env python3
"""The staged text classifier (MSFF-QDConv) in plain numpy: the baseline that `qdcnn train` is timed against.

What it is: a real state vector (all gates are RY, CNOT and H on real amplitudes), gate by gate, vectorised over
columns: a batch's distinct words and its sentences share one embedding run, all convolution windows of a layer
another. Gradients are adjoint: one backward walk of the bra, layer by layer. CNOTs between two layers of RY are one
row permutation. One thread: the thread counts of OpenMP and the BLAS libraries are set to 1 before numpy is loaded.

Source of the model: the published staged hybrid of the repository Text-Classification-MSFF-QDConv-Model, presets
`mc` and `rp`. Order: qubit 0 is the least significant bit; word id w is the basis state |w>; angles in radians.

    numpy_staged.py --train FILE --test FILE --preset mc|rp [--seed N] [--epochs E] [--json]
    numpy_staged.py --train FILE --preset mc|rp --check REFERENCE.json

Files are CSV with the header `label,text`. An epoch's CPU seconds hold the training pass and the evaluation of both
files after it, not the reading of files. `--check` compares every stage, gradient and Adam step to 1e-10.
"""
from __future__ import annotations

import os

THREAD_SETTINGS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS")
os.environ.update({name: "1" for name in THREAD_SETTINGS})

import argparse
import csv
import json
import re
import statistics
import sys
import time
from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Indices = NDArray[np.int64]

UNK, PAD = 0, 1
KERNEL = 3
CLASSES = 2
SPLIT = re.compile(r"[\s,;.!:'?\-()\[\]{}<>]+")
TOLERANCE = 1e-10


@dataclass(frozen=True)
class Preset:
    """Hyper-parameters of one task. `layers`: of each embedding; `hadamard`: H on every qubit before them."""

    sequence_length: int
    layers: int
    hadamard: bool
    conv_depth: int
    conv_layers: int
    batch_size: int
    epochs: int
    learning_rate: float = 0.05


PRESETS = {
    "mc": Preset(6, 1, False, 1, 1, batch_size=8, epochs=40),
    "rp": Preset(5, 5, True, 2, 2, batch_size=6, epochs=100),
}


# Text ---------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Example:
    label: int
    tokens: list[str]


def tokenise(text: str) -> list[str]:
    return [token for token in SPLIT.split(text) if token]


def read_examples(path: str) -> list[Example]:
    """Rows of a CSV file with the header `label,text`; labels 0 and 1."""
    with open(path, encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    if not rows or "label" not in rows[0] or "text" not in rows[0]:
        raise SystemExit(f"{path}: expected CSV with the header label,text and at least one row")
    examples = [Example(int(row["label"]), tokenise(row["text"])) for row in rows]
    if any(not 0 <= example.label < CLASSES for example in examples):
        raise SystemExit(f"{path}: labels are 0 and 1")
    return examples


class Vocabulary:
    """Ids of the training file's tokens: UNK 0, PAD 1, then by falling count, ties in first-seen order."""

    def __init__(self, examples: list[Example], length: int) -> None:
        self.length = length
        counts = Counter(token for example in examples for token in example.tokens)
        self.tokens = ["<UNK>", "<PAD>"] + [token for token, _ in counts.most_common()]
        self.ids = {token: number for number, token in enumerate(self.tokens)}
        self.qubits = max(1, (len(self.tokens) - 1).bit_length())
        frequency = np.zeros(len(self.tokens))
        for row in self.encode(examples):
            frequency[np.unique(row)] += 1
        self.idf = np.log((len(examples) + 1) / (frequency + 1)) + 1
        self.idf[[UNK, PAD]] = 1.0

    def encode(self, examples: list[Example]) -> Indices:
        """Token ids, one row a sentence, padded or cut to the sequence length."""
        rows = np.full((len(examples), self.length), PAD)
        for row, example in zip(rows, examples):
            known = [self.ids.get(token, UNK) for token in example.tokens[: self.length]]
            row[: len(known)] = known
        return rows

    def tfidf(self, ids: Indices) -> Array:
        """Sentences x vocabulary. UNK counts 1 in every sentence and PAD 0; both norms keep their 1e-5 guard."""
        counts = np.stack([np.bincount(row, minlength=len(self.tokens)) for row in ids]).astype(float)
        counts[:, UNK], counts[:, PAD] = 1.0, 0.0
        weights = counts / counts.sum(axis=1, keepdims=True) * self.idf
        weights /= weights.max(axis=1, keepdims=True) + 1e-5
        return weights / (np.linalg.norm(weights, axis=1, keepdims=True) + 1e-5)

    def amplitudes(self, tfidf: Array) -> Array:
        """2^qubits x sentences: zero-padded and of norm 1."""
        states = np.zeros((2**self.qubits, len(tfidf)))
        states[: tfidf.shape[1]] = (tfidf / np.linalg.norm(tfidf, axis=1, keepdims=True)).T
        return states


# Circuits -----------------------------------------------------------------------------------------------------------


def cnot_rows(qubits: int, pairs: list[tuple[int, int]]) -> Indices:
    """The row permutation p of CNOTs (control, target) in order: the state after them is state[p]."""
    index = np.arange(2**qubits)
    rows = index
    for control, target in reversed(pairs):
        rows = rows ^ (((rows >> control) & 1) << target)
    return rows


@dataclass(frozen=True)
class Layer:
    """RY on `wires` (one a wire, so that they commute), then the CNOTs `rows`, the inverse of which is `undo`."""

    wires: list[int]
    rows: Indices | None
    undo: Indices | None


def layer(qubits: int, wires: list[int], pairs: list[tuple[int, int]]) -> Layer:
    if not pairs:
        return Layer(wires, None, None)
    return Layer(wires, cnot_rows(qubits, pairs), cnot_rows(qubits, pairs[::-1]))


def rotate(state: Array, wire: int, cosine: Array, sine: Array) -> None:
    """RY in place on a 2^n x columns state; cosine and sine of half the angle, one a column."""
    pairs = state.reshape(-1, 2, 1 << wire, state.shape[1])
    low, high = pairs[:, 0], pairs[:, 1]
    from_low, from_high = sine * low, sine * high
    state *= cosine
    low -= from_high
    high += from_low


def angle_gradient(bra: Array, state: Array, wire: int) -> Array:
    """<bra| -iY |state> on the wire, one number a column: d<O>/d angle when bra = O|state> behind the RY."""
    shape = (-1, 2, 1 << wire, state.shape[1])
    left, right = bra.reshape(shape), state.reshape(shape)
    return (left[:, 1] * right[:, 0] - left[:, 0] * right[:, 1]).sum(axis=(0, 1))


class Circuit:
    """Layers of RY and CNOT. Angles are a table: one row an RY in order, one column a state column."""

    def __init__(self, qubits: int, layers: list[Layer], observables: Array) -> None:
        """observables: diagonals, one row each, 2^qubits wide."""
        self.qubits = qubits
        self.layers = layers
        self.observables = observables

    def run(self, state: Array, angles: Array) -> tuple[Array, Trace]:
        """Expectation values, observables x columns, and what `gradient` needs. `state` is not changed."""
        cosines, sines = np.cos(angles / 2), np.sin(angles / 2)
        state = state.copy()
        kept, slot = [], 0
        for step in self.layers:
            for wire in step.wires:
                rotate(state, wire, cosines[slot], sines[slot])
                slot += 1
            kept.append(state)
            # A gather makes a fresh array; without one the kept state has to be protected.
            state = state.take(step.rows, axis=0) if step.rows is not None else state.copy()
        return self.observables @ (state * state), Trace(state, kept, cosines, sines)

    def gradient(self, trace: Trace, weights: Array) -> Array:
        """d(sum of weights * expectation values) / d angles, a table like the angles; weights as `run` returns."""
        bra = (self.observables.T @ weights) * trace.state
        result = np.empty_like(trace.cosines)
        slot = len(result)
        for number in reversed(range(len(self.layers))):
            step = self.layers[number]
            if step.undo is not None:
                bra = bra.take(step.undo, axis=0)
            first = slot - len(step.wires)
            for offset, wire in enumerate(step.wires):
                result[first + offset] = angle_gradient(bra, trace.kept[number], wire)
            if number > 0:
                for offset, wire in enumerate(step.wires):
                    rotate(bra, wire, trace.cosines[first + offset], -trace.sines[first + offset])
            slot = first
        return result


@dataclass(frozen=True)
class Trace:
    """A run's final state, the state after each layer's RYs, and cos and sin of half the angles."""

    state: Array
    kept: list[Array]
    cosines: Array
    sines: Array


def z_diagonals(qubits: int) -> Array:
    """One row a qubit: the diagonal of Z."""
    return 1.0 - 2.0 * ((np.arange(2**qubits) >> np.arange(qubits)[:, None]) & 1)


def embedding_circuit(qubits: int, layers: int) -> Circuit:
    wires = list(range(qubits))
    ring = [[(i, (i + l + 1) % qubits) for i in wires] for l in range(layers)]
    return Circuit(qubits, [layer(qubits, wires, pairs) for pairs in ring], z_diagonals(qubits))


def convolution_circuit(depth: int) -> Circuit:
    """RY of the three inputs, then depth x (CNOT chain, RY of the kernel); the observable is Z0 + Z1 + Z2."""
    wires = list(range(KERNEL))
    chain = [(0, 1), (1, 2)]
    layers = [layer(KERNEL, wires, chain) for _ in range(depth)] + [layer(KERNEL, wires, [])]
    return Circuit(KERNEL, layers, z_diagonals(KERNEL).sum(axis=0, keepdims=True))


def linear_circuit(qubits: int) -> Circuit:
    """QLinear: RY of the inputs, then n + 1 times RY and a CNOT C wires on; the logits are Z of the first C."""
    layers = [layer(qubits, list(range(qubits)), [])]
    for index in range(qubits + 1):
        wire = index % qubits
        layers.append(layer(qubits, [wire], [(wire, (wire + CLASSES) % qubits)]))
    return Circuit(qubits, layers, z_diagonals(qubits)[:CLASSES])


# Model --------------------------------------------------------------------------------------------------------------


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
    """Parameters lie flat: word, sentence, convolutions, QLinear."""

    def __init__(self, preset: Preset, vocabulary: Vocabulary) -> None:
        self.preset, self.qubits = preset, vocabulary.qubits
        self.embedding = embedding_circuit(self.qubits, preset.layers)
        self.convolution = convolution_circuit(preset.conv_depth)
        self.linear = linear_circuit(self.qubits)
        self.word_states = self.prepared(np.eye(2**self.qubits)[:, : len(vocabulary.tokens)])
        width = preset.layers * self.qubits
        sizes = [width, width] + [preset.conv_depth * KERNEL] * preset.conv_layers + [self.qubits + 1]
        self.bounds = np.cumsum(sizes)
        self.parameter_count = int(self.bounds[-1])

    def prepared(self, states: Array) -> Array:
        """The states in front of the first RY: constants of the data, so H is applied once, not every epoch."""
        if not self.preset.hadamard:
            return states
        hadamard = np.array([[1.0, 1.0], [1.0, -1.0]]) / np.sqrt(2)
        for wire in range(self.qubits):
            pairs = states.reshape(-1, 2, 1 << wire, states.shape[1])
            states = np.einsum("ij,ajbc->aibc", hadamard, pairs).reshape(states.shape)
        return states

    def batch(self, vocabulary: Vocabulary, examples: list[Example]) -> Batch:
        ids = vocabulary.encode(examples)
        amplitudes = vocabulary.amplitudes(vocabulary.tfidf(ids))
        return Batch(ids, self.prepared(amplitudes), np.array([example.label for example in examples]))

    def split(self, flat: Array) -> list[Array]:
        return np.split(flat, self.bounds[:-1])

    def forward(self, flat: Array, batch: Batch) -> Forward:
        word, sentence, *kernels, fc = self.split(flat)
        words, word_of = np.unique(batch.ids, return_inverse=True)
        word_of = word_of.reshape(batch.ids.shape)
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
        picks = stages.word_of.reshape(-1, 1) == np.arange(count)
        weights[:, :count], weights[:, count:] = flow.reshape(self.qubits, -1) @ picks, fused
        table = self.embedding.gradient(stages.embedding, weights)
        parts += [table[:, count:].sum(axis=1), table[:, :count].sum(axis=1)]
        return np.concatenate(parts[::-1])


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


# Reference ----------------------------------------------------------------------------------------------------------


def sentence_differences(model: StagedModel, vocabulary: Vocabulary, flat: Array, wanted: dict[str, Any]) -> dict[str, float]:
    """Largest absolute difference of every stage of one sentence, which is run as a batch of one."""
    examples = [Example(wanted["label"], tokenise(wanted["text"]))]
    batch = model.batch(vocabulary, examples)
    stages = model.forward(flat, batch)
    tfidf = vocabulary.tfidf(batch.ids)
    ours = {
        "token_ids": batch.ids[0],
        "tfidf_raw": tfidf[0],
        "amplitudes_normalised": vocabulary.amplitudes(tfidf)[:, 0],
        "word_embedding_output": stages.values[0][:, 0].T,
        "mean": stages.values[-1].mean(axis=2)[:, 0],
        "sentence_embedding_output": stages.embedded[:, -1],
        "fused": stages.fused[:, 0],
        "logits": stages.logits[:, 0],
        "probabilities": stages.probabilities[:, 0],
        "loss": stages.losses[0],
        "gradient_flat": model.gradient(stages, batch.labels),
    }
    found = {name: difference(value, wanted[name]) for name, value in ours.items()}
    outputs = zip(stages.values[1:], wanted["conv_output"], strict=True)
    found["conv_output"] = max(difference(value[:, 0], expected) for value, expected in outputs)
    return found


def batch_differences(model: StagedModel, vocabulary: Vocabulary, flat: Array, reference: dict[str, Any]) -> dict[str, float]:
    """Of the mean loss, its gradient, and two Adam steps over all the sentences as one batch."""
    examples = [Example(each["label"], tokenise(each["text"])) for each in reference["sentences"]]
    batch, wanted = model.batch(vocabulary, examples), reference["batch"]
    adam, found = Adam(model.parameter_count, model.preset.learning_rate), {}
    for suffix in ("", "_after_step_1", "_after_step_2"):
        if suffix:
            flat = adam.step(flat, model.gradient(model.forward(flat, batch), batch.labels))
            found[suffix[1:]] = difference(flat, wanted[suffix[1:]])
        else:
            gradient = model.gradient(model.forward(flat, batch), batch.labels)
            found["batch_gradient"] = difference(gradient, wanted["gradient_flat"])
        found["batch_loss" + suffix] = difference(model.forward(flat, batch).losses.mean(), wanted["loss" + suffix])
    return found


def state_differences(model: StagedModel, vocabulary: Vocabulary, flat: Array, reference: dict[str, Any]) -> dict[str, float]:
    """Of the stored states behind the two embedding circuits."""
    wanted = reference["states"]
    chosen = reference["sentences"][wanted["sentence_index"]]
    batch = model.batch(vocabulary, [Example(chosen["label"], tokenise(chosen["text"]))])
    stages = model.forward(flat, batch)
    word = int(np.searchsorted(stages.words, wanted["word_id"]))
    return {
        "word_state": difference(stages.embedding.state[:, word], wanted["word_state"]),
        "sentence_state": difference(stages.embedding.state[:, -1], wanted["sentence_state"]),
    }


def difference(ours: Any, wanted: Any) -> float:
    """Largest absolute difference; infinite where the shapes differ."""
    left, right = np.asarray(ours, dtype=float), np.asarray(wanted, dtype=float)
    return float(np.abs(left - right).max()) if left.shape == right.shape else float("inf")


def check(model: StagedModel, vocabulary: Vocabulary, path: str) -> bool:
    """Prints the largest difference of each quantity to the reference file; false when one exceeds the tolerance."""
    with open(path, encoding="utf-8") as file:
        reference = json.load(file)
    flat = np.array(reference["parameters"]["flat"])
    tokens = [entry["token"] for entry in reference["vocabulary"]]
    found = {"vocabulary": 0.0 if tokens == vocabulary.tokens else float("inf")}
    found["idf"] = difference(vocabulary.idf, [entry["idf"] for entry in reference["vocabulary"]])
    for sentence in reference["sentences"]:
        for name, value in sentence_differences(model, vocabulary, flat, sentence).items():
            found[name] = max(found.get(name, 0.0), value)
    found |= state_differences(model, vocabulary, flat, reference)
    found |= batch_differences(model, vocabulary, flat, reference)
    for name, value in found.items():
        print(f"{name:26} {value:8.1e}  {'ok' if value <= TOLERANCE else 'OFF'}")
    return all(value <= TOLERANCE for value in found.values())


# Command line -------------------------------------------------------------------------------------------------------


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--train", required=True, metavar="FILE")
    parser.add_argument("--test", metavar="FILE")
    parser.add_argument("--preset", required=True, choices=PRESETS)
    parser.add_argument("--seed", type=int, default=1, help="of the initial parameters and the batch orders")
    parser.add_argument("--epochs", type=int, help="the preset's own number unless given")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--check", metavar="REFERENCE.json", help="compare with stored numbers; exit 1 when off")
    given = parser.parse_args()
    if given.check is None and given.test is None:
        parser.error("--test FILE is needed to train")
    if given.epochs is not None and given.epochs < 1:
        parser.error("--epochs is at least 1")
    return given


def main() -> int:
    given = arguments()
    preset = PRESETS[given.preset]
    examples = read_examples(given.train)
    vocabulary = Vocabulary(examples, preset.sequence_length)
    model = StagedModel(preset, vocabulary)
    if given.check:
        return 0 if check(model, vocabulary, given.check) else 1
    testing = model.batch(vocabulary, read_examples(given.test))
    training = model.batch(vocabulary, examples)
    result = train(model, training, testing, given.seed, given.epochs or preset.epochs)
    result |= {"preset": given.preset, "threads": 1, "numpy": np.__version__}
    if given.json:
        print(json.dumps(result))
        return 0
    timing = result["epoch_cpu_seconds"]
    print(f"preset {given.preset}, seed {given.seed}, {result['epochs']} epochs, one thread ({', '.join(THREAD_SETTINGS)} = 1)")
    print(f"CPU seconds an epoch: {timing['min']:.4f} least, {timing['median']:.4f} median")
    for name in ("train", "test"):
        print(f"{name}: accuracy {result[name]['accuracy']:.4f}, loss {result[name]['loss']:.4f}, n {result[name]['n']}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
