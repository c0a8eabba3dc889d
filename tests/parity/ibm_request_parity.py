#!/usr/bin/env python3
"""What qdcnn sends as a job is what IBM's own Python client sends.

    ibm_request_parity.py [--show]

SamplerV2 and EstimatorV2 of qiskit-ibm-runtime, as they are, and qdcnn_ibm_submit send the same circuits, parameter
arrays, observables and options to `qdcnn serve --record`; the recorded requests are compared field by field, arrays
decoded, circuits gate by gate. What may differ is named below; --show prints what was compared.
"""

import argparse
import base64
import io
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import warnings
import zlib

BUILD = pathlib.Path(os.environ.get("QDCNN_BUILD", "build"))
DEVICE = "ibm_torino"
QUBITS = 133
HEAD = 'OPENQASM 3.0;\ninclude "stdgates.inc";\n'
# Parameters declared against the order of their names.
BODY = f"""input float[64] theta;
input float[64] beta;
REGISTERS
qubit[{QUBITS}] q;
sx q[0]; rz(theta - pi) q[0]; sx q[0];
sx q[1]; rz(2 * beta) q[1]; sx q[1];
rz(pi / 2) q[15]; sx q[15];
cz q[0], q[15];
x q[1];
"""
SWEPT = HEAD + BODY.replace("REGISTERS", "bit[2] c;\nbit[1] extra;") + \
    "c[0] = measure q[0];\nc[1] = measure q[1];\nextra[0] = measure q[15];\n"
UNMEASURED = HEAD + BODY.replace("REGISTERS\n", "")
BOUND = HEAD + f"bit[1] c;\nqubit[{QUBITS}] q;\nsx q[4]; rz(0.25) q[4]; sx q[4];\nc[0] = measure q[4];\n"
# Columns in the order of the text, theta before beta.
ROWS = [[0.7, 2.1], [1.9, 0.4], [-0.3, 3.0]]
Z0 = [("Z", [0], 1.0)]
MIXED = [("ZX", [0, 15], 0.5), ("Y", [1], -1.25), ("Z", [15], 2.0)]
OBSERVABLES = [Z0, MIXED, [("XY", [1, 15], 1.0)]]

# Name, program, [(text, rows, shots, observables)], options. A precision is 1 / sqrt(shots).
CASES = [
    ("bound", "sampler", [(BOUND, [[]], 100, None)], {}),
    ("swept", "sampler", [(SWEPT, ROWS, 256, None)], {}),
    ("one row", "sampler", [(SWEPT, ROWS[:1], 1, None)], {}),
    ("several", "sampler", [(SWEPT, ROWS, 16, None), (BOUND, [[]], 32, None), (SWEPT, ROWS[1:], 64, None)], {}),
    ("default shots", "sampler", [(BOUND, [[]], None, None)], {"default_shots": 77}),
    ("decoupled", "sampler", [(SWEPT, ROWS, 100, None)],
     {"dynamical_decoupling": {"enable": True, "sequence_type": "XY4", "extra_slack_distribution": "edges",
                               "scheduling_method": "asap", "skip_reset_qubits": True}}),
    ("twirled", "sampler", [(SWEPT, ROWS, 128, None)],
     {"twirling": {"enable_gates": True, "enable_measure": True, "num_randomizations": 4,
                   "shots_per_randomization": 32, "strategy": "all"},
      "execution": {"init_qubits": True, "rep_delay": 0.0003, "meas_type": "classified"}}),
    ("seeded", "sampler", [(BOUND, [[]], 9, None)], {"simulator": {"seed_simulator": 11}}),
    ("environment", "sampler", [(BOUND, [[]], 9, None)],
     {"environment": {"log_level": "DEBUG", "job_tags": ["one", "two"], "private": True}, "max_execution_time": 300}),
    ("in a session", "sampler", [(BOUND, [[]], 9, None)], {}),
    ("one value", "estimator", [(UNMEASURED, ROWS[:1], 4096, [Z0])], {}),
    ("values", "estimator", [(UNMEASURED, ROWS[:1], 1024, OBSERVABLES)], {}),
    ("swept value", "estimator", [(UNMEASURED, ROWS, 1024, [MIXED])], {}),
    ("swept values", "estimator", [(UNMEASURED, ROWS, 1024, OBSERVABLES)], {"resilience_level": 0}),
    ("two PUBs", "estimator", [(UNMEASURED, ROWS, 64, [Z0]), (UNMEASURED, ROWS[:2], 256, OBSERVABLES)],
     {"resilience_level": 1, "seed_estimator": 3}),
    ("zero noise", "estimator", [(UNMEASURED, ROWS, 1024, OBSERVABLES)],
     {"resilience_level": 2,
      "resilience": {"measure_mitigation": True,
                     "measure_noise_learning": {"num_randomizations": 16, "shots_per_randomization": 64},
                     "zne_mitigation": True,
                     "zne": {"amplifier": "gate_folding", "noise_factors": [1, 3, 5], "extrapolator": ["linear"]}},
      "twirling": {"enable_gates": True, "num_randomizations": "auto"},
      "dynamical_decoupling": {"enable": True, "sequence_type": "XpXm"}}),
    ("probabilistic", "estimator", [(UNMEASURED, ROWS[:1], 1024, [Z0])],
     {"resilience": {"pec_mitigation": True, "pec": {"max_overhead": 50, "noise_gain": "auto"},
                     "layer_noise_learning": {"max_layers_to_learn": 2, "num_randomizations": 8,
                                              "shots_per_randomization": 16, "layer_pair_depths": [0, 2, 8]}}}),
    ("default precision", "estimator", [(UNMEASURED, ROWS[:1], None, [Z0])], {"default_precision": 0.05}),
]
# Of our own: the key under which a job is found again stands among the tags.
KEY = "parity-key-"
# Theirs and ours are compared where either has them; these are of the client, or of the connection.
OWN_HEADERS = {"x-qx-client-application", "user-agent", "accept-encoding", "connection", "content-length", "host",
               "authorization"}


def observable_text(terms):
    """As qdcnn reads it. A text of Paulis names its qubits left to right: ("ZX", [0, 15]) is Z on 0, X on 15."""
    return " + ".join(f"{factor!r} " + " ".join(f"{pauli}{qubit}" for pauli, qubit in zip(paulis, qubits))
                      for paulis, qubits, factor in terms).replace("+ -", "- ")


def send_ours(environment, session):
    """{name: job id}"""
    lines = []
    for name, program, pubs, options in CASES:
        job = {"device": DEVICE, "program": program, "options": options, "key": KEY + name.replace(" ", "-"), "pubs": []}
        for text, rows, shots, observables in pubs:
            pub = {"qasm": text, "parameters": rows}
            if shots:
                pub["shots"] = shots
            if observables:
                pub["observables"] = [observable_text(one) for one in observables]
            job["pubs"].append(pub)
        if name == "in a session":
            job["session"] = session
        lines.append(json.dumps(job))
    done = subprocess.run([BUILD / "tests" / "qdcnn_ibm_submit"], input="\n".join(lines) + "\n", text=True,
                          capture_output=True, env={**os.environ, **environment}, timeout=60)
    if done.returncode != 0:
        raise AssertionError(f"qdcnn_ibm_submit: {done.stderr}")
    return dict(zip([case[0] for case in CASES], done.stdout.split()))


def send_theirs(backend, session):
    import numpy as np
    from qiskit import qasm3
    from qiskit.quantum_info import SparsePauliOp
    from qiskit_ibm_runtime import EstimatorV2, SamplerV2

    ids = {}
    for name, program, pubs, options in CASES:
        sent = []
        for text, rows, shots, observables in pubs:
            circuit = qasm3.loads(text)
            # Their columns go by the names of the parameters.
            values = np.array([[row[1], row[0]] if row else [] for row in rows])
            if program == "sampler":
                sent.append((circuit, values, shots) if rows[0] else (circuit, None, shots))
                continue
            operators = [SparsePauliOp.from_sparse_list(one, num_qubits=QUBITS) for one in observables]
            if len(rows) > 1 and len(operators) > 1:
                values = values.reshape(len(rows), 1, -1)
            sent.append((circuit, operators, values, shots ** -0.5 if shots else None))
        kind = SamplerV2 if program == "sampler" else EstimatorV2
        primitive = kind(session if name == "in a session" else backend, options=json.loads(json.dumps(options)))
        ids[name] = primitive.run(sent).job_id()
    return ids


def decoded(value):
    """Typed values as plain ones; circuits as lists of operations with their parameters bound."""
    import numpy as np

    if isinstance(value, dict) and "__type__" in value:
        content = value["__value__"]
        if value["__type__"] == "ndarray":
            array = np.load(io.BytesIO(zlib.decompress(base64.b64decode(content))), allow_pickle=False)
            return {"shape": list(array.shape), "type": array.dtype.str, "values": array.tolist()}
        if value["__type__"] == "QuantumCircuit":
            from qiskit import qpy
            return operations(qpy.load(io.BytesIO(zlib.decompress(base64.b64decode(content))))[0])
        return {value["__type__"]: decoded(content)}
    if isinstance(value, dict):
        return {key: decoded(one) for key, one in value.items()}
    if isinstance(value, list):
        return [decoded(one) for one in value]
    if isinstance(value, str) and value.startswith("OPENQASM"):
        from qiskit import qasm3
        return operations(qasm3.loads(value))
    return value


def operations(circuit):
    names = [parameter.name for parameter in circuit.parameters]
    bound = circuit.assign_parameters([0.37 + 0.11 * k for k in range(len(names))])
    place = {bit: f"{register.name}[{k}]" for register in circuit.cregs for k, bit in enumerate(register)}
    return {"parameters": names, "qubits": circuit.num_qubits,
            "registers": [[register.name, register.size] for register in circuit.cregs],
            "operations": [[one.operation.name, [round(float(p), 9) for p in one.operation.params],
                            [circuit.find_bit(qubit).index for qubit in one.qubits],
                            [place[bit] for bit in one.clbits]] for one in bound.data]}


def flat(value, path=""):
    """{path: value} of all that is no container; empty containers too."""
    if isinstance(value, dict) and value:
        return {k: v for key, one in value.items() for k, v in flat(one, f"{path}.{key}" if path else key).items()}
    if isinstance(value, list) and value:
        return {k: v for i, one in enumerate(value) for k, v in flat(one, f"{path}[{i}]").items()}
    return {path: value}


def recorded(folder):
    """{job id: (headers, body)} of all submits."""
    jobs = {}
    for path in pathlib.Path(folder).glob("*-submit.json"):
        exchange = json.loads(path.read_text())
        headers = {name.lower(): value for name, value in exchange["headers"].items() if name.lower() not in OWN_HEADERS}
        jobs[exchange["reply"]["body"]["id"]] = (headers, exchange["body"])
    return jobs


def is_same(a, b):
    """1 and 1.0 are one number in JSON."""
    if all(isinstance(one, (int, float)) and not isinstance(one, bool) for one in (a, b)):
        return abs(a - b) <= 1e-12 * max(1, abs(a))
    return type(a) is type(b) and a == b


def compare(name, ours, theirs, show):
    """The number of fields compared, and what differs."""
    body = json.loads(json.dumps(ours[1]))
    key = KEY + name.replace(" ", "-")
    differences = []
    if key not in body.get("tags", []):
        differences.append(f"{name}: our key is not among the tags")
    body["tags"] = [tag for tag in body.get("tags", []) if tag != key]
    if not body["tags"]:
        del body["tags"]
    fields = [flat({"headers": headers, "body": decoded(content)}) for headers, content in ((ours[0], body), theirs)]
    every = sorted({*fields[0], *fields[1]})
    for path in every:
        a, b = (one.get(path, "nothing") for one in fields)
        if show:
            print(f"  {name}: {path}: {a!r}, {b!r}")
        if not is_same(a, b):
            differences.append(f"{name}: {path}: ours {a!r}, theirs {b!r}")
    return len(every), differences


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--show", action="store_true", help="print every field that is compared")
    show = parser.parse_args().show
    start = time.time()
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as scratch:
        folder = os.path.join(scratch, "record")
        server = subprocess.Popen([BUILD / "qdcnn", "serve", "--json", "--device", DEVICE, "--record", folder,
                                   "--idle-timeout", "120"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        try:
            environment = json.loads(server.stdout.readline())["environment"]
            os.environ.update(environment, HOME=scratch)
            for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY"):
                os.environ.pop(name, None)
            from qiskit_ibm_runtime import QiskitRuntimeService, Session

            backend = QiskitRuntimeService().backend(DEVICE)
            session = Session(backend=backend)
            theirs = send_theirs(backend, session)
            ours = send_ours(environment, session.session_id)
            jobs = recorded(folder)
        finally:
            server.terminate()
            server.wait(timeout=10)
    fields, differences = 0, []
    for name, *_ in CASES:
        count, found = compare(name, jobs[ours[name]], jobs[theirs[name]], show)
        fields += count
        differences += found
    # The comparison sees it when something differs.
    if not compare("swept", jobs[ours["swept"]], jobs[theirs["one row"]], False)[1]:
        differences.append("different jobs are taken for the same")
    for line in differences:
        print(line)
    print(f"requests of qdcnn and of IBM's client: {len(CASES)} jobs, {fields} fields compared (body, headers, decoded "
          f"arrays, circuits gate by gate) in {time.time() - start:.1f} s, {len(differences)} differences")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
