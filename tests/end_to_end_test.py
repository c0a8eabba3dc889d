#!/usr/bin/env python3
"""A model's test set over real HTTP on a served device, with the client killed at random on the way.

    end_to_end_test.py --build BUILD-FOLDER [--kills N] [--seconds S] [--seed N]

`qdcnn eval --backend rehearsal` is the client, and starts the server: IBM's API with the noisy simulator behind. First
each model is evaluated undisturbed: its labels are those of its local twin, and the server has as many jobs as the plan
of --dry-run says. Then the same work is done again from an empty journal, killed (SIGKILL) at a random moment again and
again, until one run comes through: its answer is the undisturbed one, byte by byte in all predictions, and the server
made no job more than the plan says. An interrupt, and the server's own death, do no harm either. That goes on with other seeds until there were N kills. `coherent` sends one job
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

    def __init__(self, program, folder, rehearsal):
        self.program = program
        state = folder / "state" / "qdcnn"
        state.mkdir(parents=True)
        (state / "rehearsal").symlink_to(rehearsal.folder)
        self.environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith(("QISKIT", "QDCNN", "XDG", "QRMI"))},
            "HOME": str(folder), "XDG_STATE_HOME": str(folder / "state"),
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


class Rehearsal:
    """The server that the first client starts and all use: its folder is linked into each one's state."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir(mode=0o700)

    def note(self):
        return json.loads((self.folder / "rehearsal.json").read_text(encoding="utf-8"))

    def jobs(self):
        with urllib.request.urlopen(self.note()["url"] + "/rehearsal/stats", timeout=10) as reply:
            return json.load(reply)["jobs"]

    def stop(self):
        with contextlib.suppress(OSError):
            os.kill(self.note()["process"], signal.SIGTERM)


def data_sets():
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
            out, err = process.communicate(timeout=1.2 * duration * chance.random() ** 2)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            kills += 1
            continue
        if process.returncode != 0:
            fail(f"after {kills} kills {' '.join(arguments)} ended with {process.returncode}:\n{out}{err}")
        return json.loads(out), kills


def start_and_wait_for_job(client, arguments, cwd):
    """A run of which stderr has told that its job is at the server."""
    process = client.start(arguments, cwd)
    for line in process.stderr:
        if line.startswith("job "):
            return process
    fail(f"{' '.join(arguments)} told of no job")


def interrupted(client, arguments, cwd):
    """Ctrl-C leaves the job running and says how to come back."""
    process = start_and_wait_for_job(client, arguments, cwd)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=LIMIT)
    message = json.loads(err.strip().splitlines()[-1])
    if process.returncode != 130 or out or message["kind"] != "cancelled" or "job wait" not in message["hint"]:
        fail(f"interrupted, the client ended with {process.returncode}:\n{out}{err}")


def without_server(client, arguments, cwd, rehearsal):
    """The server dies, then the client does; the next client starts a server that has the jobs of the first."""
    process = start_and_wait_for_job(client, arguments, cwd)
    os.kill(rehearsal.note()["process"], signal.SIGKILL)
    time.sleep(0.3)
    if process.poll() is not None:
        out, err = process.communicate()
        fail(f"without a server the client ended with {process.returncode}:\n{out}{err}")
    process.kill()
    process.communicate()


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
        rehearsal = Rehearsal(folder / "rehearsal")
        stack.callback(rehearsal.stop)
        train, test, data = data_sets()
        calm, killed = (Client(program, folder / one, rehearsal) for one in ("calm", "killed"))
        models = {}
        for model, epochs in (("coherent", "5"), ("staged", "5")):
            models[model] = str(folder / f"{model}.json")
            calm.run(["train", "--data", train, "--model", model, "--epochs", epochs, "--seed", "1", "--json", "-o",
                      models[model]], folder)
        for seed, disturb in ((1, interrupted), (2, lambda *given: without_server(*given, rehearsal))):
            command = ["eval", "--model", models["staged"], "--data", test, "--backend", "rehearsal", "--shots",
                       str(SHOTS), "--seed", str(seed), "--json"]
            expected_jobs += calm.run([*command, "--dry-run"], folder)["jobs"]
            disturb(calm, command, folder)
            answer = calm.run(command, folder)
            if rehearsal.jobs() != expected_jobs or answer["twin"]["agreement"] != 1.0:
                fail(f"{disturb}: {rehearsal.jobs()} jobs, expected {expected_jobs}; {answer['twin']}")
        while kills < arguments.kills:
            # Fewer kills would not tell.
            if works >= len(models) and kills >= 5 and time.monotonic() - start > arguments.seconds:
                break
            model = ("coherent", "staged")[works % 2]
            command = ["eval", "--model", models[model], "--data", test, "--backend", "rehearsal", "--shots",
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
            if rehearsal.jobs() != expected_jobs:
                fail(f"{rehearsal.jobs()} jobs at the server, not {expected_jobs}, after an undisturbed run")
            answer, more = kill_until_done(killed, [*command, "--yes"], folder, duration, chance)
            kills += more
            works += 1
            expected_jobs += plan["jobs"]
            if rehearsal.jobs() != expected_jobs:
                fail(f"{rehearsal.jobs()} jobs at the server, not {expected_jobs}, after {more} kills")
            for key in ("predictions", "accuracy", "circuits", "rounds", "backend", "fallback"):
                if answer[key] != undisturbed[key]:
                    fail(f"after {more} kills {key} is {str(answer[key])[:300]}, not {str(undisturbed[key])[:300]}")
            if len(answer["jobs"]) != plan["jobs"]:
                fail(f"{answer['jobs']}: not the {plan['jobs']} jobs of the plan")
        states = {job["state"] for job in killed.run(["job", "list", "--json"], folder)["jobs"]}
        if states != {"done"}:
            fail(f"jobs are {states}, not all done")
    print(f"{data}: {works} test sets, {expected_jobs} jobs as planned, {kills} kills, labels equal to the twin's, "
          f"{time.monotonic() - start:.0f} s")


if __name__ == "__main__":
    main()
