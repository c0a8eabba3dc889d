#!/usr/bin/env python3
"""Writes small_reference.json: every stage of the staged model for small networks of our own.

A second, slow implementation in plain Python, written from the definition of the model and sharing nothing with the
C++ code: real amplitudes in a list, gradients by complex step (exact to rounding). Standard library only.

    python3 tests/model/small_reference.py > tests/model/small_reference.json
"""
import cmath
import json
import math
import random
import re

STEP = 1e-30


def tokens_of(sentence):
    return [token for token in re.split(r"[\s,;.!:'?\-()\[\]{}]+", sentence) if token]


class State:
    def __init__(self, amplitudes):
        self.a = list(amplitudes)
        self.n = len(self.a).bit_length() - 1

    def ry(self, angle, q):
        c, s = cmath.cos(angle / 2), cmath.sin(angle / 2)
        for i in range(len(self.a)):
            if not i >> q & 1:
                j = i | 1 << q
                self.a[i], self.a[j] = c * self.a[i] - s * self.a[j], s * self.a[i] + c * self.a[j]

    def h(self, q):
        r = math.sqrt(0.5)
        for i in range(len(self.a)):
            if not i >> q & 1:
                j = i | 1 << q
                self.a[i], self.a[j] = r * (self.a[i] + self.a[j]), r * (self.a[i] - self.a[j])

    def cnot(self, control, target):
        for i in range(len(self.a)):
            if i >> control & 1 and not i >> target & 1:
                j = i | 1 << target
                self.a[i], self.a[j] = self.a[j], self.a[i]

    def z(self, q):
        # Squares, not moduli: real amplitudes, kept analytic for the complex step.
        return sum((-1 if i >> q & 1 else 1) * a * a for i, a in enumerate(self.a))


class Network:
    def __init__(self, train, preset_rp, length, conv_layers, embedding_layers):
        counts, first = {}, {}
        for label, sentence in train:
            for token in tokens_of(sentence):
                first.setdefault(token, len(first))
                counts[token] = counts.get(token, 0) + 1
        self.vocabulary = ["<UNK>", "<PAD>"] + sorted(counts, key=lambda t: (-counts[t], first[t]))
        self.classes = sorted({label for label, _ in train})
        self.length, self.conv_layers, self.layers = length, conv_layers, embedding_layers
        self.depth, self.hadamard = (2, True) if preset_rp else (1, False)
        size = len(self.vocabulary)
        self.n = max(3, math.ceil(math.log2(size)), len(self.classes) + 1)
        cut = [tokens_of(sentence)[:length] for _, sentence in train]
        self.idf = [1.0, 1.0] + [math.log((len(train) + 1) / (sum(t in s for s in cut) + 1)) + 1 for t in self.vocabulary[2:]]
        k = 3
        self.tensors = [("word_embedding", [self.layers, self.n]), ("sentence_embedding", [self.layers, self.n])]
        self.tensors += [(f"conv{c + 1}", [self.depth, k]) for c in range(conv_layers)]
        self.tensors += [("fc", [self.n + 1])]
        self.sizes = [math.prod(shape) for _, shape in self.tensors]

    def ids(self, sentence):
        ids = [self.vocabulary.index(t) if t in self.vocabulary else 0 for t in tokens_of(sentence)][: self.length]
        return ids + [1] * (self.length - len(ids))

    def tfidf(self, ids):
        counts = [float(ids.count(i)) for i in range(len(self.vocabulary))]
        counts[0], counts[1] = 1.0, 0.0
        total = sum(counts)
        values = [c / total * f for c, f in zip(counts, self.idf)]
        largest = max(values) + 1e-5
        values = [v / largest for v in values]
        norm = math.sqrt(sum(v * v for v in values)) + 1e-5
        return [v / norm for v in values]

    def embed(self, amplitudes, weights):
        state = State(amplitudes)
        if self.hadamard:
            for q in range(self.n):
                state.h(q)
        for layer in range(self.layers):
            for q in range(self.n):
                state.ry(weights[layer * self.n + q], q)
            step = 1 + layer % (self.n - 1)
            for q in range(self.n):
                state.cnot(q, (q + step) % self.n)
        return [state.z(q) for q in range(self.n)]

    def convolve(self, x, weights):
        state = State([1.0] + [0.0] * 7)
        for q in range(3):
            state.h(q)
            state.ry(x[q], q)
        for d in range(self.depth):
            state.cnot(0, 1)
            state.cnot(1, 2)
            for q in range(3):
                state.ry(weights[3 * d + q], q)
        return sum(state.z(q) for q in range(3))

    def forward(self, sentence, parameters):
        weights, offset = [], 0
        for size in self.sizes:
            weights.append(parameters[offset : offset + size])
            offset += size
        ids = self.ids(sentence)
        raw = self.tfidf(ids)
        norm = math.sqrt(sum(v * v for v in raw))
        amplitudes = [v / norm for v in raw] + [0.0] * (2**self.n - len(raw))
        out = {"token_ids": ids, "tfidf_raw": raw}
        words = [self.embed([1.0 if i == w else 0.0 for i in range(2**self.n)], weights[0]) for w in ids]
        out["word_embedding_output"] = words
        features = [[words[t][c] for t in range(self.length)] for c in range(self.n)]
        out["conv_output"] = []
        for layer in range(self.conv_layers):
            features = [[self.convolve(line[t : t + 3], weights[2 + layer]) for t in range(len(line) - 2)] for line in features]
            out["conv_output"].append(features)
        out["mean"] = [sum(line) / len(line) for line in features]
        out["sentence_embedding_output"] = self.embed(amplitudes, weights[1])
        out["fused"] = [a + b for a, b in zip(out["mean"], out["sentence_embedding_output"])]
        state = State([1.0] + [0.0] * (2**self.n - 1))
        for q in range(self.n):
            state.ry(out["fused"][q], q)
        classes = len(self.classes)
        step = 1 if classes % self.n == 0 else classes
        for k in range(self.n + 1):
            state.ry(weights[-1][k], k % self.n)
            state.cnot(k % self.n, (k % self.n + step) % self.n)
        out["logits"] = [state.z(c) for c in range(classes)]
        return out

    def loss(self, batch, parameters):
        total = 0.0
        for label, sentence in batch:
            logits = self.forward(sentence, parameters)["logits"]
            total += cmath.log(sum(cmath.exp(v) for v in logits)) - logits[self.classes.index(label)]
        return total / len(batch)

    def gradient(self, batch, parameters):
        result = []
        for k in range(len(parameters)):
            moved = list(parameters)
            moved[k] += STEP * 1j
            result.append(self.loss(batch, moved).imag / STEP)
        return result


def real(value):
    if isinstance(value, complex):
        return value.real
    if isinstance(value, list):
        return [real(v) for v in value]
    if isinstance(value, dict):
        return {k: real(v) for k, v in value.items()}
    return value


def adam_steps(network, batch, parameters):
    m, v, values, steps = [0.0] * len(parameters), [0.0] * len(parameters), list(parameters), []
    for t in (1, 2):
        g = network.gradient(batch, values)
        m = [0.9 * a + 0.1 * b for a, b in zip(m, g)]
        v = [0.999 * a + 0.001 * b * b for a, b in zip(v, g)]
        values = [p - 0.05 * (a / (1 - 0.9**t)) / math.sqrt(b / (1 - 0.999**t) + 1e-8) for p, a, b in zip(values, m, v)]
        steps.append(values)
    return steps


def case(name, train, extra, seed, **structure):
    network = Network(train, **structure)
    generator = random.Random(seed)
    parameters = [generator.uniform(0, 2 * math.pi) for _ in range(sum(network.sizes))]
    batch = train[:3] + extra
    sentences = [{"text": s, "label": l, **real(network.forward(s, parameters))} for l, s in batch]
    steps = adam_steps(network, batch, parameters)
    return {
        "name": name,
        "train": [{"label": label, "text": sentence} for label, sentence in train],
        "classes": network.classes,
        "vocabulary": network.vocabulary,
        "idf": network.idf,
        "hyperparameters": {
            "qubits": network.n, "sequence_length": network.length, "embedding_layers": network.layers,
            "embedding_hadamard": int(network.hadamard), "kernel_size": 3, "conv_layers": network.conv_layers,
            "conv_depth": network.depth,
        },
        "tensors": [{"name": n, "shape": s} for n, s in network.tensors],
        "parameters": parameters,
        "sentences": sentences,
        "batch": {
            "loss": real(network.loss(batch, parameters)), "gradient": network.gradient(batch, parameters),
            "after_step_1": steps[0], "after_step_2": steps[1],
        },
    }


COLOURS = [("warm", "red glows, red burns"), ("cold", "blue calms"), ("grey", "ash lies still"), ("warm", "fire burns"),
           ("cold", "ice calms the lake"), ("grey", "dust lies on ash")]
WEATHER = [("sun", "sky is clear"), ("rain", "sky drips"), ("sun", "sky is bright"), ("rain", "roof drips")]

if __name__ == "__main__":
    json.dump({
        "made_by": "tests/model/small_reference.py, Python standard library only",
        "cases": [
            case("three classes, deep, two convolutions", COLOURS, [("cold", "unseen word calms (the) ice!"), ("grey", "ash")],
                 seed=11, preset_rp=True, length=6, conv_layers=2, embedding_layers=5),
            case("two classes, shallow, cut sentences", WEATHER, [("rain", "roof drips and drips and sky is dark")],
                 seed=12, preset_rp=False, length=4, conv_layers=1, embedding_layers=1),
        ],
    }, __import__("sys").stdout, indent=None, separators=(",", ":"))
    print()
