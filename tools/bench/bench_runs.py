"""What the drivers of this folder share: data files, the Python environment, one training run of either program.

Python's standard library only, for it runs before numpy is installed.
"""
from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
ENVIRONMENT = ROOT / "build" / "bench-venv"

# Both make OpenBLAS take other kernels and block sizes than it finds itself, which can slow a current numpy.
SLOWING = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")


class Failure(Exception):
    """A run or a file that the benchmark cannot do without; the text is for the user."""


@dataclass(frozen=True)
class Task:
    preset: str
    train: Path
    test: Path

    @property
    def name(self) -> str:
        return self.preset.upper()


@dataclass(frozen=True)
class Run:
    """One training run: CPU seconds of an epoch with both evaluations, accuracies after the last epoch."""

    epoch_seconds: float
    train_accuracy: float
    test_accuracy: float


def find_data(given: str | None) -> Path:
    places = [Path(given)] if given else []
    if not given and os.environ.get("QDCNN_SHARED"):
        places.append(Path(os.environ["QDCNN_SHARED"]) / "data")
    if not given:
        places.append(ROOT.parent / "shared" / "data")
    for place in places:
        if (place / "MC" / "train.csv").is_file():
            return place
    raise Failure(f"no MC/train.csv in {' or '.join(map(str, places))}; name the folder with --data or QDCNN_SHARED")


def tasks(data: Path) -> list[Task]:
    return [Task(name.lower(), data / name / "train.csv", data / name / "test.csv") for name in ("MC", "RP")]


def find_binary(given: str | None) -> Path:
    binary = Path(given) if given else ROOT / "build" / "qdcnn"
    if not os.access(binary, os.X_OK):
        raise Failure(f"{binary} is not there; build first, or name the program with --binary")
    return binary.resolve()


def python_environment(requirements: str) -> Path:
    """The interpreter of build/bench-venv with the pinned packages; pip runs only where they are not there yet."""
    python, wanted = ENVIRONMENT / "bin" / "python", HERE / requirements
    stamp = ENVIRONMENT / f"{requirements}.installed"
    if python.exists() and stamp.exists() and stamp.read_text() == wanted.read_text():
        return python
    print(f"installing {requirements} into {ENVIRONMENT}", file=sys.stderr)
    try:
        subprocess.run([sys.executable, "-m", "venv", str(ENVIRONMENT)], check=True, stdout=sys.stderr)
        subprocess.run([str(python), "-m", "pip", "install", "-q", "-r", str(wanted)], check=True, stdout=sys.stderr)
    except (OSError, subprocess.CalledProcessError) as error:
        raise Failure(f"{requirements} does not install: {error} (Debian: apt-get install python3-venv)") from error
    stamp.write_text(wanted.read_text())
    return python


def run_json(command: list[str], environment: dict[str, str]) -> dict[str, Any]:
    """The JSON object that a program prints on stdout."""
    shown = " ".join(command)
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    if done.returncode != 0:
        raise Failure(f"exit code {done.returncode} of: {shown}\n{done.stderr.strip()[-2000:]}")
    try:
        answer = json.loads(done.stdout)
    except json.JSONDecodeError as error:
        raise Failure(f"no JSON object from: {shown}\n{error}\n{done.stdout[:500]}") from error
    if not isinstance(answer, dict):
        raise Failure(f"no JSON object from: {shown}\n{done.stdout[:500]}")
    return answer


def as_run(answer: dict[str, Any], seconds: Any) -> Run:
    try:
        return Run(float(seconds), float(answer["train"]["accuracy"]), float(answer["test"]["accuracy"]))
    except (KeyError, TypeError, ValueError) as error:
        raise Failure(f"fields are missing or of another kind in the answer {answer}: {error!r}") from error


def one_thread() -> dict[str, str]:
    return os.environ | {"OMP_NUM_THREADS": "1"}


def run_ours(binary: Path, task: Task, seed: int, epochs: int | None, model_file: Path, model: str = "staged") -> Run:
    command = [str(binary), "train", "--data", str(task.train), "--test", str(task.test), "--model", model,
               "--preset", task.preset, "--seed", str(seed), "--json", "-o", str(model_file)]
    answer = run_json(command + (["--epochs", str(epochs)] if epochs else []), one_thread())
    return as_run(answer, answer.get("epoch_cpu_seconds"))


def run_numpy(python: Path, task: Task, seed: int, epochs: int | None, method: str) -> Run:
    """The median epoch counts, so that a disturbed one does not."""
    command = [str(python), str(HERE / "numpy_staged.py"), "--train", str(task.train), "--test", str(task.test),
               "--preset", task.preset, "--seed", str(seed), "--method", method, "--json"]
    answer = run_json(command + (["--epochs", str(epochs)] if epochs else []), undisturbed())
    return as_run(answer, answer["epoch_cpu_seconds"]["median"])


def undisturbed() -> dict[str, str]:
    """One thread, and OpenBLAS free to choose its kernels."""
    return {name: value for name, value in one_thread().items() if name not in SLOWING}


def where() -> str:
    """Machine and commit of a measurement."""
    model = platform.processor() or platform.machine()
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        model = next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        pass
    git = ["git", "-C", str(ROOT), "describe", "--always", "--dirty"]
    done = subprocess.run(git, capture_output=True, text=True)
    return f"{model}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; commit {done.stdout.strip() or 'unknown'}"
