#!/usr/bin/env python3
"""Random circuits in every dialect, read by those for whom they are meant.

    dialect_parity.py [--circuits N] [--seed N] [--jobs N]

Circuits of up to 7 qubits over all gates of the table, a third unitary, a third dynamic (measurements, resets, branches
on bits and registers, loops, several registers), a third dynamic as version 2 can say it, some with parameters, come
from `qdcnn_parity_cases`. Qiskit's two importers, its reader of version 2, Braket's interpreter and pytket read them.
What each understood is computed exactly (readers.py): matrices must agree up to global phase, distributions of the
classical bits as they are, to 1e-10. The environment variable QDCNN_BUILD names the build folder (default build).
"""

import argparse
import collections
import json
import multiprocessing
import os
import pathlib
import subprocess
import sys
import time
import warnings

import numpy as np

import exact
from readers import READERS, READERS_OF

PROGRAM = pathlib.Path(os.environ.get("QDCNN_BUILD", "build")) / "tests" / "qdcnn_parity_cases"
TOLERANCE = 1e-10


def compared(case, text, reader):
    got = READERS[reader](text, case["parameters"], case["width"], case["bits"])
    if case["bits"] is None:
        return exact.matrix_difference(case["wanted"], got)
    return exact.distribution_difference(case["wanted"], got)


def prepared(line):
    case = json.loads(line)
    if "unitary" in case:
        wanted = np.array(case["unitary"]) @ np.array([1, 1j])
        size = int(round(len(wanted) ** 0.5))
        case.update(wanted=wanted.reshape(size, size), bits=None)
    else:
        case.update(wanted=case["distribution"], bits=len(next(iter(case["distribution"]))))
    return case


def check(line):
    """[(dialect, kind, reader, difference, complaint)] of one circuit."""
    warnings.simplefilter("ignore")
    case = prepared(line)
    results = [("all", case["kind"], "qdcnn", case["round_trip"], None)]
    for label, text in case["texts"].items():
        dialect, _, deferred = label.partition(" ")
        case["width"] = case["qubits"]
        if deferred:
            case["width"] = max(case["width"], 12)
        for reader in READERS_OF.get(dialect, []):
            try:
                results.append((label, case["kind"], reader, compared(case, text, reader), None))
            except Exception as error:  # Whatever a reader says of a text that it does not take.
                results.append((label, case["kind"], reader, float("nan"), f"{type(error).__name__}: {error}"))
    return case["index"], results


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--circuits", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    options = parser.parse_args()
    started = time.monotonic()
    cases = subprocess.Popen([PROGRAM, str(options.circuits), str(options.seed)], stdout=subprocess.PIPE, text=True)
    counts, worst = collections.Counter(), collections.defaultdict(float)
    failures = circuits = 0
    with multiprocessing.Pool(options.jobs) as pool:
        for index, results in pool.imap_unordered(check, cases.stdout, chunksize=4):
            circuits += 1
            for label, kind, reader, difference, complaint in results:
                counts[label, reader] += 1
                if not difference <= TOLERANCE:
                    failures += 1
                    print(f"circuit {index}, {kind}, {label} by {reader}: {complaint or f'differs by {difference:.3g}'}")
                else:
                    worst[label, reader] = max(worst[label, reader], difference)
    if cases.wait() != 0 or circuits != options.circuits:
        sys.exit(f"qdcnn_parity_cases gave {circuits} of {options.circuits} circuits")
    for label, reader in sorted(counts):
        print(f"{label:22} by {reader:13} {counts[label, reader]:6} texts, worst difference {worst[label, reader]:.2g}")
    print(f"{circuits} circuits, seed {options.seed}: {failures} of {sum(counts.values())} comparisons failed, worst "
          f"difference {max(worst.values(), default=0):.2g}, {time.monotonic() - started:.0f} s")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
