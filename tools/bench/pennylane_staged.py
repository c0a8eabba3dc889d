#!/usr/bin/env python3
"""One training epoch of the staged classifier with PennyLane's lightning.qubit, for a comparison of time.

    pennylane_staged.py --train FILE --test FILE --preset mc|rp [--seed N] [--batches B] [--sentences S] [--json]

How PennyLane is used: one QNode a circuit (embedding, convolution, QLinear) with adjoint differentiation; a batch's
distinct words, its sentences, and all windows of a convolution go in as one broadcast call each; autograd joins the
stages. lightning.qubit splits a broadcast call into single circuits itself.

An epoch would take long, so that B training batches (gradient and loss) and an evaluation of S training sentences are
measured and scaled up by the number of batches and of sentences. The first batch and sentence run once before, not
timed. One thread. The first batch's gradient is compared with the numpy baseline's.
"""
from __future__ import annotations

import os

os.environ.update({name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")})

import argparse
import json
import sys
import time
from typing import Any, Callable

import numpy
import pennylane as qml
from pennylane import numpy as np

from staged_data import CLASSES, KERNEL, PRESETS, Preset, Vocabulary, read_examples
from staged_model import Batch, StagedModel, convolution_layers, embedding_layers, linear_layers
from numpy_circuits import Layer


def apply(layers: list[Layer], angles: Any) -> None:
    """RY and CNOT; angles: one entry an RY, a number or one number a broadcast circuit."""
    remaining = iter(angles)
    for layer in layers:
        for wire in layer.wires:
            qml.RY(next(remaining), wires=wire)
        for pair in layer.pairs:
            qml.CNOT(wires=pair)


class PennylaneModel:
    """The three circuits as QNodes, and the stages between them. Wire i is qubit i."""

    def __init__(self, preset: Preset, qubits: int) -> None:
        self.preset, self.qubits = preset, qubits
        device, small = qml.device("lightning.qubit", wires=qubits), qml.device("lightning.qubit", wires=KERNEL)
        embedding, linear = embedding_layers(qubits, preset.layers), linear_layers(qubits)
        convolution = convolution_layers(preset.conv_depth)

        @qml.qnode(device, diff_method="adjoint")
        def embed(states: Any, weights: Any) -> Any:
            # StatePrep reads its first wire as the most significant bit.
            qml.StatePrep(states, wires=range(qubits)[::-1])
            apply(embedding, weights)
            return [qml.expval(qml.Z(i)) for i in range(qubits)]

        @qml.qnode(small, diff_method="adjoint")
        def convolve(inputs: Any, kernel: Any) -> Any:
            for wire in range(KERNEL):
                qml.Hadamard(wires=wire)
            apply(convolution, list(inputs) + list(kernel))
            return [qml.expval(qml.Z(i)) for i in range(KERNEL)]

        @qml.qnode(device, diff_method="adjoint")
        def classify(inputs: Any, fc: Any) -> Any:
            apply(linear, list(inputs) + list(fc))
            return [qml.expval(qml.Z(i)) for i in range(CLASSES)]

        self.embed, self.convolve, self.classify = embed, convolve, classify

    def logits(self, parts: list[Any], word_states: Any, batch: Batch) -> Any:
        """Classes x sentences. The states are the numpy baseline's prepared ones, H included."""
        word, sentence, *kernels, fc = parts
        words, word_of = numpy.unique(batch.ids, return_inverse=True)
        embedded = np.stack(self.embed(word_states[:, words].T, word))
        values = embedded[:, word_of.reshape(batch.ids.shape)]
        for kernel in kernels:
            width = values.shape[2] - KERNEL + 1
            taps = [np.reshape(values[:, :, tap : tap + width], (-1,)) for tap in range(KERNEL)]
            sums = np.sum(np.stack(self.convolve(np.stack(taps), kernel)), axis=0)
            values = np.reshape(sums, (values.shape[0], values.shape[1], width))
        fused = np.mean(values, axis=2) + np.stack(self.embed(batch.amplitudes.T, sentence))
        return np.stack(self.classify(fused, fc))

    def loss(self, parts: list[Any], word_states: Any, batch: Batch) -> Any:
        logits = self.logits(parts, word_states, batch)
        chosen = logits[batch.labels, numpy.arange(len(batch.labels))]
        return np.mean(np.log(np.sum(np.exp(logits), axis=0)) - chosen)


def cpu_seconds(work: Callable[[], Any]) -> float:
    begin = time.process_time()
    work()
    return time.process_time() - begin


def measure(given: argparse.Namespace) -> dict[str, Any]:
    preset = PRESETS[given.preset]
    examples = read_examples(given.train)
    vocabulary = Vocabulary(examples, preset.sequence_length)
    twin = StagedModel(preset, vocabulary)
    training = twin.batch(vocabulary, examples)
    testing = len(read_examples(given.test))
    random = numpy.random.default_rng(given.seed)
    flat = random.uniform(0, 2 * numpy.pi, twin.parameter_count)
    order, size = random.permutation(len(examples)), preset.batch_size
    model = PennylaneModel(preset, vocabulary.qubits)
    parts = [np.array(part, requires_grad=True) for part in twin.split(flat)]

    def gradient(batch: Batch) -> Any:
        return qml.grad(lambda *each: model.loss(list(each), twin.word_states, batch))(*parts)

    def evaluate(count: int) -> Any:
        return model.logits([np.array(part, requires_grad=False) for part in parts], twin.word_states,
                            training.part(order[:count]))

    batches = [training.part(order[start : start + size]) for start in range(0, len(order), size)]
    chosen, sentences = batches[: given.batches], min(given.sentences, len(order))
    first = numpy.concatenate([numpy.asarray(part) for part in gradient(chosen[0])])
    expected = twin.gradient(twin.forward(flat, chosen[0]), chosen[0].labels)
    evaluate(1)
    batch_seconds = cpu_seconds(lambda: [gradient(batch) for batch in chosen]) / len(chosen)
    sentence_seconds = cpu_seconds(lambda: evaluate(sentences)) / sentences
    return {
        "epoch_cpu_seconds": batch_seconds * len(batches) + sentence_seconds * (len(order) + testing),
        "measured": f"measured: {len(chosen)} of {len(batches)} batches at {batch_seconds:.3f} s each, evaluation of"
                    f" {sentences} of {len(order) + testing} sentences at {sentence_seconds:.4f} s each; scaled up",
        "batch_cpu_seconds": batch_seconds,
        "sentence_cpu_seconds": sentence_seconds,
        "gradient_difference": float(numpy.abs(first - expected).max()),
        "pennylane": qml.version(),
        "preset": given.preset,
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--train", required=True, metavar="FILE")
    parser.add_argument("--test", required=True, metavar="FILE")
    parser.add_argument("--preset", required=True, choices=PRESETS)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--batches", type=int, default=3, metavar="B")
    parser.add_argument("--sentences", type=int, default=24, metavar="S")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    if given.batches < 1 or given.sentences < 1:
        parser.error("--batches and --sentences are at least 1")
    result = measure(given)
    print(json.dumps(result) if given.json else "\n".join(f"{name}: {value}" for name, value in result.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
