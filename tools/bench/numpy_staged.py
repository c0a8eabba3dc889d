#!/usr/bin/env python3
"""The staged model in numpy: batched real state vectors, adjoint gradients. The baseline of `tools/bench/train`.

Gate after gate on arrays of shape (2^n, rows), so that a gate costs a handful of numpy calls however many rows there
are; the CX of a layer are one permutation. Word circuits run once for each different word of a batch, as ours do.

    numpy_staged.py --check REFERENCE.json             compares with the published model's numbers, prints the distance
    numpy_staged.py --train F --test F --preset mc|rp [--epochs N] [--seed N] [--repeats N]
prints JSON: the least CPU seconds of one epoch (training and the evaluation of both files), and the accuracies.
"""
import argparse
import csv
import json
import os
import re
import sys
import time

# One core, like the program it is compared with.
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"
import numpy as np

PRESETS = {
    "mc": dict(length=6, layers=1, hadamard=False, conv_layers=1, depth=1, batch=8, epochs=40),
    "rp": dict(length=5, layers=5, hadamard=True, conv_layers=2, depth=2, batch=6, epochs=100),
}
KERNEL = 3


class Circuit:
    """H, RY and CX on n qubits, compiled to steps; expectation values of Z and gradients for many rows at once."""

    def __init__(self, n):
        self.n, self.steps, self.signs = n, [], []
        index = np.arange(2**n)
        self.z = np.array([1.0 - 2.0 * (index >> q & 1) for q in range(n)])

    def ry(self, q, source, k):
        """source: "data" (one angle a row) or "weights" (one for all rows)."""
        self.steps.append(("ry", q, source, k))

    def cx(self, control, target):
        index = np.arange(2**self.n)
        permutation = np.where(index >> control & 1, index ^ 1 << target, index)
        if self.steps and self.steps[-1][0] == "permute":
            permutation = self.steps.pop()[1][permutation]
        self.steps.append(("permute", permutation, np.argsort(permutation)))

    def readout(self, observables):
        """observables: lists of qubits, whose Z are summed."""
        self.signs = np.array([self.z[qubits].sum(axis=0) for qubits in observables])

    def _halves(self, state, q):
        view = state.reshape(2 ** (self.n - 1 - q), 2, 2**q, -1)
        return view[:, 0], view[:, 1]

    def _rotate(self, state, q, c, s):
        zero, one = self._halves(state, q)
        result = np.empty_like(state)
        new_zero, new_one = self._halves(result, q)
        np.subtract(c * zero, s * one, out=new_zero)
        np.add(s * zero, c * one, out=new_one)
        return result

    def forward(self, state, data, weights):
        """state: 2^n x rows; data: angles x rows. Values: observables x rows."""
        half = {"data": None if data is None else data / 2, "weights": weights / 2}
        self.cosines = {name: None if angles is None else np.cos(angles) for name, angles in half.items()}
        self.sines = {name: None if angles is None else np.sin(angles) for name, angles in half.items()}
        for step in self.steps:
            if step[0] == "ry":
                _, q, source, k = step
                state = self._rotate(state, q, self.cosines[source][k], self.sines[source][k])
            else:
                state = state[step[1]]
        self.state = state
        self.data_count = 0 if data is None else len(data)
        self.weight_count = len(weights)
        return self.signs @ (state * state)

    def backward(self, cotangent):
        """cotangent: observables x rows. Gradients by data (angles x rows) and by weights."""
        state = self.state
        adjoint = 2.0 * (self.signs.T @ cotangent) * state
        by_data = np.zeros((self.data_count, state.shape[1]))
        by_weights = np.zeros(self.weight_count)
        for step in reversed(self.steps):
            if step[0] == "permute":
                state, adjoint = state[step[2]], adjoint[step[2]]
                continue
            _, q, source, k = step
            zero, one = self._halves(state, q)
            adjoint_zero, adjoint_one = self._halves(adjoint, q)
            if source == "data":
                by_data[k] += 0.5 * (np.einsum("ijr,ijr->r", adjoint_one, zero) - np.einsum("ijr,ijr->r", adjoint_zero, one))
            else:
                by_weights[k] += 0.5 * (np.einsum("ijr,ijr->", adjoint_one, zero) - np.einsum("ijr,ijr->", adjoint_zero, one))
            c, s = self.cosines[source][k], self.sines[source][k]
            state = self._rotate(state, q, c, -s)
            adjoint = self._rotate(adjoint, q, c, -s)
        return by_data, by_weights


def ring(circuit, layers):
    n = circuit.n
    for layer in range(layers):
        for q in range(n):
            circuit.ry(q, "weights", layer * n + q)
        for q in range(n):
            circuit.cx(q, (q + 1 + layer % (n - 1)) % n)


def hadamards(n):
    h = np.array([[1.0, 1.0], [1.0, -1.0]]) / np.sqrt(2.0)
    matrix = np.ones((1, 1))
    for _ in range(n):
        matrix = np.kron(matrix, h)
    return matrix


class Network:
    def __init__(self, vocabulary, idf, classes, preset):
        self.vocabulary = {token: i for i, token in enumerate(vocabulary)}
        self.idf, self.classes = np.array(idf), classes
        self.p = p = PRESETS[preset]
        self.n = n = max(KERNEL, int(np.ceil(np.log2(len(vocabulary)))), classes + 1)
        every = [[q] for q in range(n)]
        self.word, self.sentence, self.head = Circuit(n), Circuit(n), Circuit(n)
        for circuit in (self.word, self.sentence):
            ring(circuit, p["layers"])
            circuit.readout(every)
        self.first = hadamards(n) if p["hadamard"] else np.eye(2**n)
        self.conv = []
        for _ in range(p["conv_layers"]):
            circuit = Circuit(KERNEL)
            for q in range(KERNEL):
                circuit.ry(q, "data", q)
            for d in range(p["depth"]):
                circuit.cx(0, 1)
                circuit.cx(1, 2)
                for q in range(KERNEL):
                    circuit.ry(q, "weights", d * KERNEL + q)
            circuit.readout([[0, 1, 2]])
            self.conv.append(circuit)
        for q in range(n):
            self.head.ry(q, "data", q)
        for k in range(n + 1):
            self.head.ry(k % n, "weights", k)
            self.head.cx(k % n, (k % n + classes) % n)
        self.head.readout(every[:classes])
        embedding = p["layers"] * n
        self.sizes = [embedding, embedding] + [p["depth"] * KERNEL] * p["conv_layers"] + [n + 1]
        self.cuts = np.cumsum(self.sizes)[:-1]

    def encode(self, sentences):
        """Ids (sentences x positions) and encoded amplitudes after the H (2^n x sentences)."""
        length = self.p["length"]
        ids = np.ones((len(sentences), length), dtype=int)
        for row, sentence in zip(ids, sentences):
            tokens = tokenise(sentence)[:length]
            row[: len(tokens)] = [self.vocabulary.get(token, 0) for token in tokens]
        counts = np.array([np.bincount(row, minlength=len(self.idf)) for row in ids], dtype=float)
        counts[:, 0], counts[:, 1] = 1.0, 0.0
        values = counts / counts.sum(axis=1, keepdims=True) * self.idf
        values /= values.max(axis=1, keepdims=True) + 1e-5
        values /= np.linalg.norm(values, axis=1, keepdims=True) + 1e-5
        amplitudes = np.zeros((2**self.n, len(sentences)))
        amplitudes[: len(self.idf)] = (values / np.linalg.norm(values, axis=1, keepdims=True)).T
        return ids, self.first @ amplitudes

    def forward(self, parameters, ids, amplitudes):
        weights = np.split(parameters, self.cuts)
        rows, length, n = len(ids), self.p["length"], self.n
        words, place = np.unique(ids, return_inverse=True)
        self.place = place.reshape(ids.shape)
        word_values = self.word.forward(self.first[:, words], None, weights[0])
        # features: positions x channels x sentences
        features = word_values[:, self.place].transpose(2, 0, 1)
        for circuit, kernel in zip(self.conv, weights[2:-1]):
            windows = len(features) - KERNEL + 1
            x = np.stack([features[k : k + windows] for k in range(KERNEL)]).reshape(KERNEL, -1)
            start = np.full((2**KERNEL, x.shape[1]), 2.0 ** (-KERNEL / 2))  # H on every qubit of |000>
            features = circuit.forward(start, x, kernel).reshape(windows, n, rows)
        fused = features.mean(axis=0) + self.sentence.forward(amplitudes, None, weights[1])
        self.windows = len(features)
        zero = np.zeros((2**n, rows))
        zero[0] = 1.0
        return self.head.forward(zero, fused, weights[-1])

    def gradient(self, parameters, ids, amplitudes, labels):
        logits = self.forward(parameters, ids, amplitudes)
        rows, n = len(labels), self.n
        exponentials = np.exp(logits - logits.max(axis=0))
        probabilities = exponentials / exponentials.sum(axis=0)
        loss = -np.log(probabilities[labels, np.arange(rows)]).mean()
        probabilities[labels, np.arange(rows)] -= 1.0
        by_fused, by_head = self.head.backward(probabilities / rows)
        _, by_sentence = self.sentence.backward(by_fused)
        features = np.broadcast_to(by_fused / self.windows, (self.windows, n, rows))
        by_conv = []
        for circuit in reversed(self.conv):
            windows = len(features)
            by_data, by_kernel = circuit.backward(features.reshape(1, -1))
            by_conv.append(by_kernel)
            by_data = by_data.reshape(KERNEL, windows, n, rows)
            features = np.zeros((windows + KERNEL - 1, n, rows))
            for k in range(KERNEL):
                features[k : k + windows] += by_data[k]
        words = np.zeros((self.word.state.shape[1], n))
        np.add.at(words, self.place, features.transpose(2, 0, 1))
        _, by_word = self.word.backward(words.T)
        return loss, np.concatenate([by_word, by_sentence] + by_conv[::-1] + [by_head])


class Adam:
    """Epsilon inside the root, as the published model was trained."""

    def __init__(self, size, rate=0.05):
        self.rate, self.t, self.m, self.v = rate, 0, np.zeros(size), np.zeros(size)

    def step(self, parameters, gradient):
        self.t += 1
        self.m = 0.9 * self.m + 0.1 * gradient
        self.v = 0.999 * self.v + 0.001 * gradient**2
        root = np.sqrt(self.v / (1 - 0.999**self.t) + 1e-8)
        return parameters - self.rate * self.m / (1 - 0.9**self.t) / root


def tokenise(sentence):
    return [token for token in re.split(r"[\s,;.!:'?\-()\[\]{}]+", sentence) if token]


def read(path):
    with open(path, encoding="utf-8-sig", newline="") as file:
        return [(int(row["label"]), row["text"]) for row in csv.DictReader(file)]


def network_of(train, preset):
    counts = {}
    for _, sentence in train:
        for token in tokenise(sentence):
            counts[token] = counts.get(token, 0) + 1
    vocabulary = ["<UNK>", "<PAD>"] + sorted(counts, key=lambda token: -counts[token])
    held = [sum(token in tokenise(sentence) for _, sentence in train) for token in vocabulary[2:]]
    idf = [1.0, 1.0] + [np.log((len(train) + 1) / (df + 1)) + 1 for df in held]
    return Network(vocabulary, idf, len({label for label, _ in train}), preset)


def train_once(network, train, test, preset, epochs, seed):
    """CPU seconds of each epoch, and both accuracies after the last."""
    parts = []
    for part in (train, test):
        ids, amplitudes = network.encode([sentence for _, sentence in part])
        parts.append((ids, amplitudes, np.array([label for label, _ in part])))
    ids, amplitudes, labels = parts[0]
    generator = np.random.default_rng(seed)
    parameters = generator.uniform(0, 2 * np.pi, sum(network.sizes))
    adam, batch, seconds = Adam(len(parameters)), PRESETS[preset]["batch"], []
    for _ in range(epochs):
        start = time.process_time()
        order = generator.permutation(len(labels))
        for first in range(0, len(order), batch):
            chosen = order[first : first + batch]
            _, gradient = network.gradient(parameters, ids[chosen], amplitudes[:, chosen], labels[chosen])
            parameters = adam.step(parameters, gradient)
        accuracies = [float((network.forward(parameters, i, a).argmax(axis=0) == l).mean()) for i, a, l in parts]
        seconds.append(time.process_time() - start)
    return seconds, accuracies


def check(path):
    """The largest distance to the reference's logits, gradient and Adam steps."""
    with open(path) as file:
        reference = json.load(file)
    preset = reference["dataset"].lower()
    network = Network([v["token"] for v in reference["vocabulary"]], [v["idf"] for v in reference["vocabulary"]], 2, preset)
    ids, amplitudes = network.encode([s["text"] for s in reference["sentences"]])
    labels = np.array([s["label"] for s in reference["sentences"]])
    parameters = np.array(reference["parameters"]["flat"])
    logits = network.forward(parameters, ids, amplitudes).T
    far = [np.abs(logits - [s["logits"] for s in reference["sentences"]]).max()]
    adam = Adam(len(parameters))
    for step in (1, 2):
        loss, gradient = network.gradient(parameters, ids, amplitudes, labels)
        if step == 1:
            far += [abs(loss - reference["batch"]["loss"]), np.abs(gradient - reference["batch"]["gradient_flat"]).max()]
        parameters = adam.step(parameters, gradient)
        far.append(np.abs(parameters - reference["batch"][f"after_step_{step}"]).max())
    return float(max(far))


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--check", metavar="REFERENCE.json")
    options.add_argument("--train")
    options.add_argument("--test")
    options.add_argument("--preset", choices=sorted(PRESETS))
    options.add_argument("--epochs", type=int)
    options.add_argument("--seed", type=int, default=0)
    options.add_argument("--repeats", type=int, default=1)
    given = options.parse_args()
    if given.check:
        distance = check(given.check)
        print(json.dumps({"reference": given.check, "largest_difference": distance}))
        return 0 if distance < 1e-10 else 1
    if not (given.train and given.test and given.preset):
        options.error("give --check, or --train, --test and --preset")
    train, test = read(given.train), read(given.test)
    network = network_of(train, given.preset)
    epochs = given.epochs or PRESETS[given.preset]["epochs"]
    seconds, last = [], None
    for repeat in range(given.repeats):
        took, last = train_once(network, train, test, given.preset, epochs, given.seed + repeat)
        seconds += took
    print(json.dumps({"epoch_cpu_seconds": min(seconds), "median": sorted(seconds)[len(seconds) // 2], "train": last[0], "test": last[1]}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
