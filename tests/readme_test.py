#!/usr/bin/env python3
"""Runs the blocks of a Markdown file, so that what a reader copies works.

    readme_test.py --build BUILD-FOLDER FILE.md
    readme_test.py --build BUILD-FOLDER --self-test

The first word after the fence says what a block is:
    cpp      a whole program. It is built with find_package(qdcnn) against the build folder and run.
    console  lines "$ command", a trailing backslash goes on; lines between them are the output expected (none: any).
             `# exit 3` at a command's end: it must end with that code (else 0).
    sh       every line is a command, without "$"; any output.
    json     must be JSON.
    cmake    its lines must stand in tests/install/CMakeLists.txt, which a test builds.
    text     directly after a cpp block: what the program prints. Elsewhere a picture for the reader.
    qasm, csv, ini   a picture for the reader.
`file=NAME` after the word puts the block's text into a file of that name first, for the commands that follow.
In expected output `...` stands for anything, and runs of blanks are one.

Commands run in order, in one folder of their own, with the build's `qdcnn` first in the PATH. A command that starts
with a word of NOT_RUN is left to other tests; one of tools/ must be there and executable. Any other first word than
those and RUN is an error: nothing is passed over in silence.
"""

import argparse
import dataclasses
import doctest
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
RUN = {"qdcnn", "cat", "echo", "head", "ls", "printf", "python3", "wc"}
NOT_RUN = {"git", "cd", "sudo", "cmake", "ctest", "ninja"}
PICTURES = {"text", "qasm", "csv", "ini"}
TIMEOUT = 300


class Failure(Exception):
    def __init__(self, line, message):
        super().__init__(message)
        self.line = line


@dataclasses.dataclass
class Block:
    language: str
    file: str
    line: int  # of the fence
    text: str
    follows: bool  # nothing but blank lines since the block before


@dataclasses.dataclass
class Command:
    text: str
    status: int
    line: int
    expected: str


def blocks_of(text):
    blocks, lines, between = [], text.splitlines(), ["start"]
    number = 0
    while number < len(lines):
        fence = re.match(r"^(`{3,})\s*(\S*)\s*(.*)$", lines[number])
        if not fence:
            between.append(lines[number])
            number += 1
            continue
        start, body = number, []
        number += 1
        while number < len(lines) and not re.match(r"^" + fence.group(1) + r"\s*$", lines[number]):
            body.append(lines[number])
            number += 1
        if number == len(lines):
            raise Failure(start + 1, "this block has no end")
        name = re.search(r"\bfile=(\S+)", fence.group(3))
        follows = bool(blocks) and not any(line.strip() for line in between)
        blocks.append(Block(fence.group(2), name.group(1) if name else "", start + 1, "\n".join(body) + "\n", follows))
        between = []
        number += 1
    return blocks


def commands_of(block):
    commands, lines = [], block.text.splitlines()
    number = 0
    while number < len(lines):
        line, where = lines[number], block.line + 1 + number
        number += 1
        if block.language == "console":
            if not line.startswith("$ "):
                if not commands:
                    raise Failure(where, "output before the first command")
                commands[-1].expected += line + "\n"
                continue
            line = line[2:]
        elif not line.strip() or line.lstrip().startswith("#"):
            continue
        while line.endswith("\\") and number < len(lines):
            line = line[:-1].rstrip() + " " + re.sub(r"^> ?", "", lines[number].lstrip())
            number += 1
        status = re.search(r"#\s*exit (\d+)\s*$", line)
        commands.append(Command(line, int(status.group(1)) if status else 0, where, ""))
    return commands


def compare(line, what, expected, found):
    flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    if not doctest.OutputChecker().check_output(expected, found, flags):
        raise Failure(line, f"{what}: output differs\n--- expected\n{expected}--- found\n{found}")


def build_programs(blocks, build, folder):
    """Builds all cpp blocks in one project; returns the programs' paths by the blocks' lines."""
    programs = {block.line: f"block_{block.line}" for block in blocks if block.language == "cpp"}
    if not programs:
        return {}
    cmake = ["cmake_minimum_required(VERSION 3.25)", "project(blocks LANGUAGES CXX)", "set(CMAKE_BUILD_TYPE Release)",
             "find_package(qdcnn REQUIRED)"]
    for block in blocks:
        if block.line in programs:
            name = programs[block.line]
            (folder / f"{name}.cpp").write_text(f'#line {block.line + 1} "README"\n{block.text}', encoding="utf-8")
            cmake += [f"add_executable({name} {name}.cpp)", f"target_link_libraries({name} PRIVATE qdcnn::qdcnn)"]
    (folder / "CMakeLists.txt").write_text("\n".join(cmake) + "\n", encoding="utf-8")
    binary = folder / "build"
    for command in (["cmake", "-S", folder, "-B", binary, "-G", "Ninja", f"-Dqdcnn_DIR={build}"],
                    ["cmake", "--build", binary, "--", "-k", "0"]):
        done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT)
        if done.returncode:
            raise Failure(min(programs), f"the C++ blocks do not build:\n{done.stdout}{done.stderr}")
    return {line: binary / name for line, name in programs.items()}


def environment_for(build, folder):
    """The build's programs first, and folders of its own for settings, accounts and jobs."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(("QISKIT_", "QRMI_", "QDCNN_"))}
    return {**own, "PATH": f"{build}{os.pathsep}{os.environ['PATH']}", "NO_COLOR": "1", "HOME": str(folder),
            "XDG_STATE_HOME": str(folder / "state"), "XDG_CONFIG_HOME": str(folder / "config")}


def end_rehearsal(folder):
    """Ends the server that `--backend rehearsal` left behind."""
    note = folder / "state" / "qdcnn" / "rehearsal" / "rehearsal.json"
    if note.exists():
        os.kill(json.loads(note.read_text(encoding="utf-8"))["process"], signal.SIGTERM)


def run_program(block, after, program, folder, environment):
    done = subprocess.run([program], cwd=folder, env=environment, capture_output=True, text=True, timeout=TIMEOUT)
    if done.returncode:
        raise Failure(block.line, f"the program ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    if after and after.language == "text" and after.follows:
        compare(after.line, "the program above", after.text, done.stdout)


def run_command(command, folder, environment):
    words = command.text.split()
    word = words[0] if words else ""
    if word.startswith("tools/"):
        if not os.access(ROOT / word, os.X_OK):
            raise Failure(command.line, f"there is no script {word}")
        return False
    if word in NOT_RUN:
        return False
    if word not in RUN:
        raise Failure(command.line, f"'{word}' is neither among the commands that are run nor among those left out")
    done = subprocess.run(["bash", "-c", command.text], cwd=folder, env=environment, capture_output=True, text=True,
                          timeout=TIMEOUT, stdin=subprocess.DEVNULL)
    if done.returncode != command.status:
        raise Failure(command.line, f"$ {command.text}\nended with {done.returncode}, not {command.status}:\n"
                                    f"{done.stdout}{done.stderr}")
    if command.expected:
        compare(command.line, f"$ {command.text}", command.expected,
                done.stdout + (done.stderr if command.status else ""))
    return True


def check_cmake(block):
    known = {line.strip() for line in (ROOT / "tests/install/CMakeLists.txt").read_text(encoding="utf-8").splitlines()}
    for offset, line in enumerate(block.text.splitlines(), start=1):
        if line.strip() and line.strip() not in known:
            raise Failure(block.line + offset, f"tests/install/CMakeLists.txt has no such line: {line}")


def check_json(block):
    try:
        json.loads(block.text)
    except json.JSONDecodeError as error:
        raise Failure(block.line + error.lineno, f"no JSON: {error.msg}") from error


def run(text, build):
    """Runs all blocks; returns (blocks, commands run, commands left out)."""
    blocks = blocks_of(text)
    ran = left = 0
    with tempfile.TemporaryDirectory(prefix="qdcnn-readme-") as name:
        top = pathlib.Path(name)
        folder = top / "here"
        folder.mkdir()
        (top / "programs").mkdir()
        programs = build_programs(blocks, build, top / "programs")
        environment = environment_for(build, top)
        try:
            for block, after in zip(blocks, [*blocks[1:], None]):
                if block.file:
                    (folder / block.file).write_text(block.text, encoding="utf-8")
                if block.language == "cpp":
                    run_program(block, after, programs[block.line], folder, environment)
                elif block.language in ("console", "sh"):
                    for command in commands_of(block):
                        done = run_command(command, folder, environment)
                        ran, left = ran + done, left + (not done)
                elif block.language == "json":
                    check_json(block)
                elif block.language == "cmake":
                    check_cmake(block)
                elif block.language not in PICTURES:
                    raise Failure(block.line, f"a block of '{block.language}': say which of the known kinds it is")
        finally:
            end_rehearsal(top)
    return len(blocks), ran, left


def self_test(build):
    """tests/readme/good.md passes; every tests/readme/bad_*.md fails where its first line says: <!-- LINE: TEXT -->"""
    samples = ROOT / "tests" / "readme"
    counts = run((samples / "good.md").read_text(encoding="utf-8"), build)
    print("good.md: %d blocks, %d commands run, %d left out" % counts)
    bad = sorted(samples.glob("bad_*.md"))
    for path in bad:
        text = path.read_text(encoding="utf-8")
        line, telling = re.match(r"<!-- (\d+): (.*) -->", text).groups()
        try:
            run(text, build)
        except Failure as failure:
            if failure.line != int(line) or telling not in str(failure):
                sys.exit(f"{path}: expected {line}: {telling}\nfound {failure.line}: {failure}")
        else:
            sys.exit(f"{path}: passed, but must fail at {line}: {telling}")
    print(f"{len(bad)} bad files fail as they should")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", required=True, type=pathlib.Path)
    parser.add_argument("--self-test", action="store_true")
    parser.add_argument("file", nargs="?", type=pathlib.Path)
    arguments = parser.parse_args()
    build = arguments.build.resolve()
    if arguments.self_test:
        return self_test(build)
    try:
        counts = run(arguments.file.read_text(encoding="utf-8"), build)
    except Failure as failure:
        sys.exit(f"{arguments.file}:{failure.line}: {failure}")
    print("%d blocks, %d commands run, %d left to other tests" % counts)


if __name__ == "__main__":
    main()
