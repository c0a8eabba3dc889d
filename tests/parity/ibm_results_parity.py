#!/usr/bin/env python3
"""Results between IBM's own encoder and ours.

    ibm_results_parity.py [--cases N] [--seed N]

What RuntimeEncoder of qiskit-ibm-runtime writes for random sampler and estimator results, qdcnn decodes to the same
numbers; what the room `server` writes for random results, RuntimeDecoder reads back to the same.
"""

import argparse
import json
import math
import os
import pathlib
import subprocess
import sys
import warnings

warnings.filterwarnings("ignore")
import numpy as np
from qiskit.primitives import BitArray, DataBin, PrimitiveResult, PubResult, SamplerPubResult
from qiskit_ibm_runtime.utils.json import RuntimeDecoder, RuntimeEncoder

PROGRAM = pathlib.Path(os.environ.get("QDCNN_BUILD", "build")) / "tests/qdcnn_ibm_results"
NAMES = ["alpha", "beta", "c", "meas", "z_9"]


class Program:
    def __init__(self):
        self.process = subprocess.Popen([PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, question):
        self.process.stdin.write(json.dumps(question) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        if "error" in answer:
            raise AssertionError(answer["error"])
        return answer


def random_axes(rng):
    return tuple(int(n) for n in rng.integers(1, 4, size=rng.integers(0, 3)))


def random_sampler(rng):
    """The result as Qiskit has it, its shape, the numbers as the program writes them, and the axes."""
    pubs, shapes, numbers, all_axes = [], [], [], []
    for _ in range(rng.integers(1, 4)):
        axes, shots = random_axes(rng), int(rng.integers(1, 30))
        rows = math.prod(axes)
        fields, registers, widths = {}, [], []
        for name in rng.permutation(NAMES)[: rng.integers(1, 4)]:
            bits = int(rng.integers(1, 75))
            values = rng.integers(0, 2, size=(rows, shots, bits))
            texts = [["".join(map(str, shot)) for shot in row] for row in values]
            padded = np.concatenate([np.zeros((rows, shots, -bits % 8), int), values], axis=2).astype(np.uint8)
            array = np.packbits(padded, axis=2, bitorder="big").reshape(*axes, shots, -1)
            if rng.integers(2):
                array = np.asfortranarray(array)
            fields[str(name)] = BitArray(array, bits)
            registers.append({"name": str(name), "rows": texts})
            widths.append([str(name), bits])
        pubs.append(SamplerPubResult(DataBin(**fields, shape=axes), {"circuit_metadata": {"k": 1}}))
        shapes.append({"registers": widths, "rows": rows})
        numbers.append({"registers": registers})
        all_axes.append(list(axes))
    return PrimitiveResult(pubs, {"version": 2}), {"is_estimator": False, "pubs": shapes}, {"pubs": numbers}, all_axes


def random_values(rng, axes):
    values = rng.normal(size=axes)
    if rng.integers(4) == 0 and values.size:
        values.flat[rng.integers(values.size)] = rng.choice([np.nan, np.inf, -np.inf])
    return np.asfortranarray(values) if rng.integers(2) else values


def random_estimator(rng):
    pubs, shapes, numbers, all_axes = [], [], [], []
    for _ in range(rng.integers(1, 4)):
        axes = random_axes(rng)
        observables = axes[-1] if axes else 1
        rows = math.prod(axes) // observables
        fields = {name: random_values(rng, axes) for name in ("evs", "stds", "ensemble_standard_error")}
        pubs.append(PubResult(DataBin(**fields, shape=axes), {"shots": 7, "target_precision": 0.1}))
        shapes.append({"rows": rows, "observables": observables})
        numbers.append({"values": np.ravel(fields["evs"]).tolist(), "deviations": np.ravel(fields["stds"]).tolist()})
        all_axes.append(list(axes))
    return PrimitiveResult(pubs, {"version": 2}), {"is_estimator": True, "pubs": shapes}, {"pubs": numbers}, all_axes


def same(a, b):
    if isinstance(a, dict):
        return isinstance(b, dict) and a.keys() == b.keys() and all(same(a[k], b[k]) for k in a)
    if isinstance(a, list):
        return isinstance(b, list) and len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, float) or isinstance(b, float):
        return a == b or (math.isnan(a) and math.isnan(b))
    return a == b


def read_by_qiskit(result, is_estimator):
    """A result as the program writes its numbers."""
    pubs = []
    for pub in result:
        if is_estimator:
            pubs.append({"values": np.ravel(np.asarray(pub.data.evs, float)).tolist(),
                         "deviations": np.ravel(np.asarray(pub.data.stds, float)).tolist()})
            continue
        registers = []
        for name in pub.data:
            bits = pub.data[name]
            rows = [bits.get_bitstrings(index) for index in np.ndindex(bits.shape)]
            registers.append({"name": name, "rows": rows})
        pubs.append({"registers": registers})
    return {"pubs": pubs}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--cases", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    program = Program()
    for case in range(options.cases):
        rng = np.random.default_rng([options.seed, case])
        for make in (random_sampler, random_estimator):
            result, shape, numbers, axes = make(rng)
            where = f"case {case}, {make.__name__}, seed {options.seed}"
            raw = json.dumps(result, cls=RuntimeEncoder)
            decoded = program.ask({"decode": raw, "shape": shape})
            if not same(decoded, numbers):
                sys.exit(f"{where}: decoded to\n{decoded}\nexpected\n{numbers}")
            written = program.ask({"encode": numbers, "shape": shape, "axes": axes, "is_typed": True})["raw"]
            again = json.loads(written, cls=RuntimeDecoder)
            if not isinstance(again, PrimitiveResult):
                sys.exit(f"{where}: RuntimeDecoder reads {type(again).__name__}")
            if [list(pub.data.shape) for pub in again] != axes:
                sys.exit(f"{where}: shapes {[pub.data.shape for pub in again]}, expected {axes}")
            read = read_by_qiskit(again, shape["is_estimator"])
            if not same(read, numbers):
                sys.exit(f"{where}: RuntimeDecoder reads\n{read}\nexpected\n{numbers}")
            plain = program.ask({"encode": numbers, "shape": shape, "axes": axes, "is_typed": False})["raw"]
            if not same(program.ask({"decode": plain, "shape": shape}), numbers):
                sys.exit(f"{where}: the plain form reads back differently")
    print(f"{options.cases} sampler and {options.cases} estimator results, both ways: the same numbers")


if __name__ == "__main__":
    main()
