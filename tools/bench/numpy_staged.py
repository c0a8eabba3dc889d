#!/usr/bin/env python3
"""The staged text classifier in plain numpy: the baseline that `qdcnn train` is timed against.

    numpy_staged.py --train FILE --test FILE --preset mc|rp [--seed N] [--epochs E] [--method NAME] [--json]
    numpy_staged.py --train FILE --preset mc|rp [--method NAME] --check REFERENCE.json

Files are CSV with the header `label,text`. An epoch's CPU seconds hold the training pass and the evaluation of both
files behind it, not the reading of files. One thread: the thread counts of OpenMP and of the BLAS libraries are set
to 1 before numpy is loaded. Methods, equal in their results:

    textbook  a batched real state vector, one gate after the other, every position of a sentence a column; the
              gradient walks ket and bra back gate by gate
    layered   the default and the faster: distinct words once a batch, CNOTs of a layer as one permutation, kets kept
"""
from __future__ import annotations

import os

THREAD_SETTINGS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS")
os.environ.update({name: "1" for name in THREAD_SETTINGS})

import argparse
import json
import sys

import numpy as np

from staged_check import check
from staged_data import PRESETS, Vocabulary, read_examples
from staged_model import METHODS, StagedModel, train


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--train", required=True, metavar="FILE")
    parser.add_argument("--test", metavar="FILE")
    parser.add_argument("--preset", required=True, choices=PRESETS)
    parser.add_argument("--seed", type=int, default=1, help="of the initial parameters and the batch orders")
    parser.add_argument("--epochs", type=int, help="the preset's own number unless given")
    parser.add_argument("--method", choices=METHODS, default="layered")
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
    model = StagedModel(preset, vocabulary, METHODS[given.method])
    if given.check:
        return 0 if check(model, vocabulary, given.check) else 1
    testing = model.batch(vocabulary, read_examples(given.test))
    training = model.batch(vocabulary, examples)
    result = train(model, training, testing, given.seed, given.epochs or preset.epochs)
    result |= {"preset": given.preset, "method": given.method, "threads": 1, "numpy": np.__version__}
    if given.json:
        print(json.dumps(result))
        return 0
    timing = result["epoch_cpu_seconds"]
    print(f"preset {given.preset}, method {given.method}, seed {given.seed}, {result['epochs']} epochs")
    print(f"one thread: {', '.join(THREAD_SETTINGS)} = 1")
    print(f"CPU seconds an epoch: {timing['min']:.4f} least, {timing['median']:.4f} median")
    for name in ("train", "test"):
        part = result[name]
        print(f"{name}: accuracy {part['accuracy']:.4f}, loss {part['loss']:.4f}, n {part['n']}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
