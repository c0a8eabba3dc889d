#!/usr/bin/env python3
"""Canary tokens through the whole road, with the log at debug: nothing but the store for secrets may hold them.

    secrets_test.py --build BUILD-FOLDER        runs qdcnn against its own server on loopback and searches
    secrets_test.py --self-test                 shows that what is searched for is found

Searched are stdout and stderr of every command, all files that the commands and the server leave (logs, journal, results,
recorded exchanges), and the command lines of all processes, looked at all the time. The tokens are searched as they are,
percent-encoded, as JSON strings, in base64 and in hexadecimal; the access tokens that the server gives out too.
"""

import argparse
import base64
import contextlib
import http.server
import json
import os
import pathlib
import pty
import re
import select
import signal
import subprocess
import sys
import tempfile
import termios
import threading
import time
import urllib.parse

LIMIT = 120  # Seconds that any one command may take.
KEY = 'Zq7canaryOfTheStore+8"f/2%3c=\\end'
VARIABLE_KEY = "Zq7canaryOfTheVariable-41d0c9"
PASSWORD = "Zq7canaryOfTheProxy-77ab"
CIRCUIT = 'OPENQASM 3.0;\ninclude "stdgates.inc";\nqubit[2] q;\nbit[2] c;\nh q[0];\ncx q[0], q[1];\nc = measure q;\n'


def spellings(secret):
    """All the ways in which a secret may stand in a text. Of base64 the middle, for its ends depend on what is beside."""
    raw = secret.encode()
    forms = {raw, urllib.parse.quote(secret, safe="").encode(), urllib.parse.quote_plus(secret).encode(),
             json.dumps(secret)[1:-1].encode(), json.dumps(secret)[1:-1].replace("/", "\\/").encode(), raw.hex().encode(),
             re.sub(rb"%..", lambda m: m[0].lower(), urllib.parse.quote(secret, safe="").encode())}
    for shift in range(3):
        forms.add(base64.b64encode(b"\0" * shift + raw)[4 if shift else 0:][:-4])
    return forms


class Needles:
    def __init__(self, secrets):
        # Half a token is a leak too.
        self.forms = {form for secret in secrets for form in spellings(secret) | {secret[:12].encode()}}
        # An access token as the server writes it: a JSON web token with its signature.
        self.pattern = re.compile(rb"eyJhbGciOi[\w-]+\.[\w-]+\.[\w-]{20,}")

    def found_in(self, data):
        return any(form in data for form in self.forms) or self.pattern.search(data) is not None


class CommandLines(threading.Thread):
    """Looks at /proc/*/cmdline until it is stopped."""

    def __init__(self, needles):
        super().__init__(daemon=True)
        self.needles, self.leaks, self.looks, self.is_done = needles, set(), 0, False

    def run(self):
        while not self.is_done:
            for name in os.listdir("/proc"):
                if name.isdigit():
                    with contextlib.suppress(OSError):
                        line = pathlib.Path("/proc", name, "cmdline").read_bytes()
                        if self.needles.found_in(line):
                            self.leaks.add(f"command line of process {name}")
            self.looks += 1
            time.sleep(0.002)

    def stop(self):
        self.is_done = True
        self.join()


def leaks_in_files(folder, needles, but):
    leaks, count = [], 0
    for path in folder.rglob("*"):
        if path.is_symlink() or not path.is_file() or path in but:
            continue
        count += 1
        if needles.found_in(path.read_bytes()) or needles.found_in(str(path).encode()):
            leaks.append(f"file {path.relative_to(folder)}")
    return leaks, count


class Run:
    def __init__(self, program, folder):
        self.program, self.folder = program, folder
        self.outputs = []
        self.environment = {
            **{k: v for k, v in os.environ.items()
               if not k.startswith(("QISKIT", "QDCNN", "XDG", "QRMI", "IAM_", "GLOBAL_")) and "proxy" not in k.lower()},
            "HOME": str(folder / "home"), "XDG_STATE_HOME": str(folder / "state"),
            "XDG_CONFIG_HOME": str(folder / "config"), "QDCNN_POLL_SHORTEST": "0.02", "QDCNN_POLL_LONGEST": "0.1",
            "QDCNN_LOG_LEVEL": "debug", "QDCNN_LOG_FILE": str(folder / "client.log"), "OMP_NUM_THREADS": "2"}
        (folder / "home").mkdir()

    def __call__(self, *arguments, code=0, stdin="", **variables):
        """Ends the test unless the command ends with this code; None: with any but 0."""
        done = subprocess.run([self.program, *arguments], cwd=self.folder, env={**self.environment, **variables},
                              input=stdin.encode(), capture_output=True, timeout=LIMIT, check=False)
        self.keep(arguments, done.stdout + done.stderr)
        if done.returncode != code and not (code is None and done.returncode):
            sys.exit(f"secrets_test: {' '.join(arguments)} ended with {done.returncode}, expected {code}:\n"
                     f"{(done.stdout + done.stderr).decode(errors='replace')}")
        return done.stdout.decode()

    def keep(self, arguments, output):
        self.outputs.append((f"output of qdcnn {' '.join(arguments)}", output))

    def at_terminal(self, typed, code, *arguments):
        """With a terminal on which `typed` is typed when it is asked for; b"" interrupts instead."""
        master, slave = pty.openpty()
        before = termios.tcgetattr(slave)
        process = subprocess.Popen([self.program, *arguments], cwd=self.folder, env=self.environment, stdin=slave,
                                   stdout=slave, stderr=slave, start_new_session=True)
        output, is_sent, end = b"", False, time.monotonic() + LIMIT
        while time.monotonic() < end:
            ready = select.select([master], [], [], 0.05)[0]
            if ready:
                output += os.read(master, 4096)
            elif process.poll() is not None:
                break
            if not is_sent and b"key: " in output:
                is_sent = True
                if termios.tcgetattr(slave)[3] & termios.ECHO:
                    sys.exit("secrets_test: the terminal shows what is typed")
                os.write(master, typed) if typed else process.send_signal(signal.SIGINT)
        if process.poll() != code:
            process.kill()
            sys.exit(f"secrets_test: at a terminal {' '.join(arguments)} ended with {process.poll()}, expected {code}:\n"
                     f"{output.decode(errors='replace')}")
        if termios.tcgetattr(slave) != before:
            sys.exit("secrets_test: the terminal is not as it was before")
        os.close(master)
        os.close(slave)
        self.keep(arguments, output)


class Echo(http.server.BaseHTTPRequestHandler):
    """Whatever it is sent, it sends back, in its headers too, with each of these statuses in turn."""

    STATUSES = (400, 401, 403, 302, 404, 429, 500)
    urls = []

    def answer(self):
        self.urls.append(self.path.encode())
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        sent = (self.requestline + "\n" + str(self.headers) + "\n").encode() + body
        line = urllib.parse.quote_plus(sent)[:4000]
        self.send_response(self.STATUSES[len(self.urls) % len(self.STATUSES)], "Not " + self.path)
        for name, value in (("Location", "/elsewhere?" + line), ("X-Echo", line), ("Content-Type", "application/json")):
            self.send_header(name, value)
        reply = json.dumps({"errorMessage": sent.decode(), "errors": [{"code": 1, "message": sent.decode()}]}).encode()
        self.send_header("Content-Length", str(len(reply)))
        self.end_headers()
        self.wfile.write(reply)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer

    def log_message(self, *_):
        pass


def meet_echo(run):
    """The token's own words come back as errors."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    base = f"http://127.0.0.1:{server.server_port}"
    where = {"IAM_URL": base, "GLOBAL_SEARCH_URL": base, "GLOBAL_CATALOG_URL": base, "QISKIT_IBM_TOKEN": VARIABLE_KEY,
             "QISKIT_IBM_URL": base + "/experimental/api/v1"}
    for _ in Echo.STATUSES:
        run("device", "list", "--backend", "ibm", code=None, **where)
    run("auth", "login", "ibm", stdin=KEY + "\n", code=None, **where)
    run("doctor", "--network", "--json", code=1, **where)
    with contextlib.suppress(OSError):  # The rehearsal that the doctor has started.
        os.kill(json.loads((run.folder / "state/qdcnn/rehearsal/rehearsal.json").read_text())["process"], signal.SIGTERM)
    server.shutdown()
    if not any(b"grant_type" in output for _, output in run.outputs):
        sys.exit("secrets_test: no error quotes the server that echoes, so nothing was tried")
    run.outputs += [("a URL", url) for url in Echo.urls]


def walk(run, given):
    """Everything that touches a token."""
    run("auth", "status", "ibm", code=4)
    run.at_terminal(b"", 130, "auth", "login", "ibm")
    run("auth", "status", "ibm", code=4)
    choice = ["--url", given["QISKIT_IBM_URL"], "--instance", given["QISKIT_IBM_INSTANCE"]]
    run.at_terminal(KEY.encode() + b"\n", 0, "auth", "login", "ibm", *choice)
    run("auth", "logout", "ibm", "--json")
    run("auth", "login", "ibm", *choice, stdin=KEY + "\n")
    run("auth", "status", "ibm")
    run("auth", "status", "ibm", "--json")
    run("config", "show", "--origin", QDCNN_PROXY=f"http://ada:{PASSWORD}@127.0.0.1:9")
    run("config", "show", "--json", QDCNN_PROXY=f"http://ada:{PASSWORD}@127.0.0.1:9")
    run("device", "list", "--backend", "ibm", QISKIT_IBM_TOKEN=VARIABLE_KEY, QISKIT_IBM_URL=given["QISKIT_IBM_URL"],
        QISKIT_IBM_INSTANCE=given["QISKIT_IBM_INSTANCE"])
    run("device", "list", "--backend", "ibm", "--json")
    run("device", "list", "--backend", "ibm", "--log-file", "", code=2)
    (run.folder / "bell.qasm").write_text(CIRCUIT, encoding="utf-8")
    work = ["bell.qasm", "--backend", "ibm:ibm_torino", "--shots", "20", "--json"]
    run("submit", *work, "--dry-run")
    job = json.loads(run("submit", *work, "--yes"))["id"]
    run("submit", *work, "--yes")
    for action in ("wait", "fetch", "show"):
        run("job", action, job, "--json")
    run("job", "list", "--json")
    run("job", "reconcile")
    run("train", "--data", "builtin:food-it:train", "--epochs", "1", "-o", "model.json")
    (run.folder / "two.csv").write_text("label,text\nfood,man prepares sauce\nit,woman debugs program\n", encoding="utf-8")
    run("eval", "--model", "model.json", "--data", "two.csv", "--backend", "ibm:ibm_torino", "--shots", "20", "--yes", "--json")
    # Refused, and nobody there.
    run("device", "list", "--backend", "ibm", "--instance", given["QISKIT_IBM_INSTANCE"], IAM_URL="http://127.0.0.1:9",
        code=5)
    run("doctor", QDCNN_PROXY=f"http://ada:{PASSWORD}@127.0.0.1:9")
    meet_echo(run)
    (run.folder / "qdcnn.toml").write_text(f'[ibm]\ntoken = "{VARIABLE_KEY}"\n', encoding="utf-8")
    run("config", "show", code=3)
    (run.folder / "qdcnn.toml").unlink()


def start_server(run):
    server = subprocess.Popen([run.program, "serve", "--json", "--pace", "0.02", "--record", "recorded", "--state", "served",
                               "--idle-timeout", "300"],
                              cwd=run.folder, env={**run.environment, "QDCNN_LOG_FILE": str(run.folder / "server.log")},
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    line = server.stdout.readline()
    if not line:
        sys.exit(f"secrets_test: no server: {server.communicate(timeout=10)[1].decode(errors='replace')}")
    return server, json.loads(line)["environment"]


def test(program):
    with tempfile.TemporaryDirectory(prefix="qdcnn-secrets-") as name:
        run = Run(program, pathlib.Path(name))
        needles = Needles([KEY, VARIABLE_KEY, PASSWORD])
        server, given = start_server(run)
        watch = CommandLines(needles)
        watch.start()
        try:
            for variable in ("IAM_URL", "GLOBAL_SEARCH_URL", "GLOBAL_CATALOG_URL"):
                run.environment[variable] = given[variable]
            walk(run, given)
        finally:
            server.terminate()
            run.keep(("serve",), b"".join(server.communicate(timeout=30)))
            watch.stop()
        store = run.folder / "config/qdcnn/accounts/ibm.json"
        if KEY not in json.loads(store.read_text())["secrets"].values():
            sys.exit("secrets_test: the store does not hold the key, so nothing was tried")
        if not (run.folder / "client.log").stat().st_size:
            sys.exit("secrets_test: nothing was logged")
        leaks, files = leaks_in_files(run.folder, needles, {store})
        leaks += [place for place, output in run.outputs if needles.found_in(output)]
        leaks += sorted(watch.leaks)
        print(f"{len(run.outputs)} outputs, {files} files and {watch.looks} looks at all command lines searched: "
              f"{len(leaks)} hits")
        if leaks:
            sys.exit("secrets_test: a secret stands in\n  " + "\n  ".join(leaks))


def self_test():
    """Every net catches a canary that is put in its way, in every spelling."""
    secret = 'Zq7canary of+a/"test"%=\\'
    needles = Needles([secret])
    for form in [*spellings(secret), b"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0." + b"s" * 43]:
        assert needles.found_in(b"before " + form + b" behind"), form
    for before in (b"", b"x", b"ab"):
        assert needles.found_in(base64.b64encode(before + b"apikey:" + secret.encode() + b";")), before
    assert not needles.found_in(b'{"token":"****test","url":"https://cloud.ibm.com"}')
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "deep/er").mkdir(parents=True)
        (folder / "deep/er/file").write_bytes(b"\0" + secret.encode())
        assert leaks_in_files(folder, needles, set()) == (["file deep/er/file"], 1)
        assert leaks_in_files(folder, needles, {folder / "deep/er/file"}) == ([], 0)
    watch = CommandLines(needles)
    watch.start()
    subprocess.run([sys.executable, "-c", "import time; time.sleep(0.5)", secret], check=True)
    watch.stop()
    assert watch.leaks
    print("every net catches what it is there for")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path)
    parser.add_argument("--self-test", action="store_true")
    given = parser.parse_args()
    if given.self_test:
        self_test()
    elif given.build:
        test(str((given.build / "qdcnn").resolve()))
    else:
        parser.error("--build or --self-test")


if __name__ == "__main__":
    main()
