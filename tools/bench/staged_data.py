"""Presets, tokens, vocabulary and TF-IDF of the staged text classifier, shared by the scripts of this folder.

Source: the published staged hybrid of the repository Text-Classification-MSFF-QDConv-Model, presets `mc` and `rp`.
"""
from __future__ import annotations

import csv
import re
from collections import Counter
from dataclasses import dataclass

import numpy as np

from numpy_circuits import Array, Indices

UNK, PAD = 0, 1
KERNEL = 3
CLASSES = 2
SPLIT = re.compile(r"[\s,;.!:'?\-()\[\]{}<>]+")


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
