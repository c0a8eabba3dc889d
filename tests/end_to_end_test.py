#!/usr/bin/env python3
"""A model's test set over real HTTP on a served device, with the client killed at random on the way.

    end_to_end_test.py --build BUILD-FOLDER [--kills N] [--seconds S] [--seed N]

`qdcnn serve` runs the noisy simulator behind IBM's API; `qdcnn eval --backend ibm:ibm_torino` is the client. First
each model is evaluated undisturbed: its labels are those of its local twin, and the server has as many jobs as the plan
of --dry-run says. Then the same work is done again from an empty journal, killed (SIGKILL) at a random moment again and
again, until one run comes through: its answer is the undisturbed one, byte by byte in all predictions, and the server
made no job more than the plan says. That goes on with other seeds until there were N kills. `coherent` sends one job
for all sentences, `staged` one a round.
"""

import argparse
import contextlib
import json
import os
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
SHOTS = 100
LIMIT = 120  # Seconds that any one command may take.


def fail(message):
    sys.exit(f"end_to_end_test: {message}")


class Client:
    """The command with a journal of its own."""

    def __init__(self, program, folder, variables):
        self.program = program
        folder.mkdir()
        self.environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith(("QISKIT", "QDCNN", "XDG", "QRMI"))},
            **variables, "HOME": str(folder), "XDG_STATE_HOME": str(folder / "state"),
            "XDG_CONFIG_HOME": str(folder / "config"), "QDCNN_POLL_SHORTEST": "0.02", "QDCNN_POLL_LONGEST": "0.1",
            "QDCNN_RECONCILE_GAP": "0.1", "OMP_NUM_THREADS": "2"}

    def start(self, arguments, cwd):
        return subprocess.Popen([self.program, *arguments], cwd=cwd, env=self.environment, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True)

    def run(self, arguments, cwd):
        process = self.start(arguments, cwd)
        try:
            out, err = process.communicate(timeout=LIMIT)
        except subprocess.TimeoutExpired:
            process.kill()
            fail(f"{' '.join(arguments)} hangs")
        if process.returncode != 0:
            fail(f"{' '.join(arguments)} ended with {process.returncode}:\n{out}{err}")
        return json.loads(out)


@contextlib.contextmanager
def serving(program, folder):
    """The server's environment variables and a function that tells its number of jobs."""
    process = subprocess.Popen([program, "serve", "--json", "--pace", "0.05", "--state", folder / "server"],
                               stdout=subprocess.PIPE, text=True, cwd=folder)
    try:
        note = json.loads(process.stdout.readline())
        variables = note["environment"]

        def jobs():
            with urllib.request.urlopen(note["url"] + "/rehearsal/stats", timeout=10) as reply:
                return json.load(reply)["jobs"]

        yield variables, jobs
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=20)


def data_sets(folder):
    """Training and test data: the public MC set where it is, else the built-in one."""
    shared = pathlib.Path(os.environ.get("QDCNN_SHARED", ROOT.parent / "shared")) / "data" / "MC"
    if (shared / "test.csv").exists():
        return str(shared / "train.csv"), str(shared / "test.csv"), "MC"
    return "builtin:food-it:train", "builtin:food-it:test", "food-it"


def kill_until_done(client, arguments, cwd, duration, chance):
    """Starts and kills until a run ends by itself. Returns its answer and the number of kills."""
    kills = 0
    while True:
        process = client.start(arguments, cwd)
        try:
            out, err = process.communicate(timeout=chance.uniform(0, 1.2 * duration))
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            kills += 1
            continue
        if process.returncode != 0:
            fail(f"after {kills} kills {' '.join(arguments)} ended with {process.returncode}:\n{out}{err}")
        return json.loads(out), kills


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", required=True, type=pathlib.Path)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=60, help="no new work is begun after that")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    program = str(arguments.build.resolve() / "qdcnn")
    chance = random.Random(arguments.seed)
    start = time.monotonic()
    kills = works = expected_jobs = 0
    with tempfile.TemporaryDirectory(prefix="qdcnn-road-") as name, contextlib.ExitStack() as stack:
        folder = pathlib.Path(name)
        variables, jobs = stack.enter_context(serving(program, folder))
        train, test, data = data_sets(folder)
        calm, killed = (Client(program, folder / one, variables) for one in ("calm", "killed"))
        models = {}
        for model, epochs in (("coherent", "5"), ("staged", "5")):
            models[model] = str(folder / f"{model}.json")
            calm.run(["train", "--data", train, "--model", model, "--epochs", epochs, "--seed", "1", "--json", "-o",
                      models[model]], folder)
        while kills < arguments.kills:
            if works >= len(models) and time.monotonic() - start > arguments.seconds:
                break
            model = ("coherent", "staged")[works % 2]
            command = ["eval", "--model", models[model], "--data", test, "--backend", "ibm:ibm_torino", "--shots",
                       str(SHOTS), "--seed", str(100 + works), "--json"]
            plan = calm.run([*command, "--dry-run"], folder)
            before = time.monotonic()
            undisturbed = calm.run([*command, "--yes"], folder)
            duration = time.monotonic() - before
            if model == "coherent" and plan["jobs"] != 1:
                fail(f"the test set takes {plan['jobs']} jobs, not one")
            if undisturbed["twin"]["agreement"] != 1.0 or undisturbed["twin"]["accuracy"] != undisturbed["accuracy"]:
                fail(f"{model}, seed {100 + works}: the labels are not the twin's: {undisturbed['twin']}")
            expected_jobs += plan["jobs"]
            if jobs() != expected_jobs:
                fail(f"{jobs()} jobs at the server, not {expected_jobs}, after an undisturbed run")
            answer, more = kill_until_done(killed, [*command, "--yes"], folder, duration, chance)
            kills += more
            works += 1
            expected_jobs += plan["jobs"]
            if jobs() != expected_jobs:
                fail(f"{jobs()} jobs at the server, not {expected_jobs}, after {more} kills")
            for key in ("predictions", "accuracy", "circuits", "rounds", "backend", "fallback"):
                if answer[key] != undisturbed[key]:
                    fail(f"after {more} kills {key} is {answer[key]}, not {undisturbed[key]}")
            if len(answer["jobs"]) != plan["jobs"]:
                fail(f"{answer['jobs']}: not the {plan['jobs']} jobs of the plan")
        states = {job["state"] for job in killed.run(["job", "list", "--json"], folder)["jobs"]}
        if states != {"done"}:
            fail(f"jobs are {states}, not all done")
        if kills < min(arguments.kills, 5):
            fail(f"only {kills} kills in {arguments.seconds} s: too few to tell")
    print(f"{data}: {works} test sets, {expected_jobs} jobs as planned, {kills} kills, labels equal to the twin's, "
          f"{time.monotonic() - start:.0f} s")


if __name__ == "__main__":
    main()
