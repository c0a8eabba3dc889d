"""Compares the numpy model with stored numbers of the published one: every stage, gradient and two Adam steps."""
from __future__ import annotations

import json
from typing import Any

import numpy as np

from numpy_circuits import Array
from staged_data import Example, Vocabulary, tokenise
from staged_model import Adam, StagedModel

TOLERANCE = 1e-10

# Largest absolute difference of each quantity.
Found = dict[str, float]


def sentence_differences(model: StagedModel, vocabulary: Vocabulary, flat: Array,
                         wanted: dict[str, Any]) -> Found:
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


def batch_differences(model: StagedModel, vocabulary: Vocabulary, flat: Array,
                      reference: dict[str, Any]) -> Found:
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


def state_differences(model: StagedModel, vocabulary: Vocabulary, flat: Array,
                      reference: dict[str, Any]) -> Found:
    """Of the stored states behind the two embedding circuits."""
    wanted = reference["states"]
    chosen = reference["sentences"][wanted["sentence_index"]]
    batch = model.batch(vocabulary, [Example(chosen["label"], tokenise(chosen["text"]))])
    stages = model.forward(flat, batch)
    word = int(np.flatnonzero(stages.words == wanted["word_id"])[0])
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
