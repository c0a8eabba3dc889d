#!/usr/bin/env python3
"""Runs IBM's own Python client, as it is, against `qdcnn serve`.

    ibm_client_parity.py [--keep DIR]

The client starts from the environment variables that the server prints. Devices, jobs as OpenQASM 3 through the
client's service-level run method, sessions, batches, listing with paging and filters, tags, cancel and delete; sampled
and estimated values agree within five sigma with Aer under the noise that Aer reads off the served device. A primitive's
own job, whose circuits come in QPY, fails and says so. What the client sent is recorded by the server; --keep keeps it.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import warnings

QDCNN = pathlib.Path(os.environ.get("QDCNN_BUILD", "build")) / "qdcnn"
SHOTS = 20000
SIGMA = 5
ANGLES = [[0.7, 2.1], [1.9, 0.4]]
# Asymmetric in its qubits and registers, with parameters declared against the order of their names.
CIRCUIT = """OPENQASM 3.0;
include "stdgates.inc";
input float[64] theta;
input float[64] beta;
bit[2] c;
bit[1] extra;
qubit[133] q;
sx q[0]; rz(theta - pi) q[0]; sx q[0];
sx q[1]; rz(beta - pi) q[1]; sx q[1];
rz(pi / 2) q[15]; sx q[15]; rz(pi / 2) q[15];
cz q[0], q[15];
rz(pi / 2) q[15]; sx q[15]; rz(pi / 2) q[15];
x q[1];
c[0] = measure q[0];
c[1] = measure q[1];
extra[0] = measure q[15];
"""
# The same without measurements, for the estimator.
UNMEASURED = "\n".join(line for line in CIRCUIT.splitlines() if "measure" not in line and not line.startswith("bit["))


def check(condition, message):
    if not condition:
        raise AssertionError(message)


def bound(text, values):
    """The text with numbers in place of its inputs."""
    lines = [line for line in text.splitlines() if not line.startswith("input")]
    plain = "\n".join(lines)
    for name, value in values.items():
        plain = plain.replace(name, repr(value))
    return plain


def aer_probabilities(backend, values):
    """{(c, extra): probability} of Aer under the noise of the served device, with its read-out errors on top."""
    from qiskit import qasm3
    from qiskit_aer import AerSimulator
    from qiskit_aer.noise import NoiseModel

    circuit = qasm3.loads(bound(UNMEASURED, values))
    circuit.save_probabilities([0, 1, 15])
    simulator = AerSimulator(method="density_matrix", noise_model=NoiseModel.from_backend(backend))
    true = simulator.run(circuit).result().data()["probabilities"]
    noise = backend.properties()
    flips = []
    for qubit in (0, 1, 15):
        p10 = noise.qubit_property(qubit, "prob_meas1_prep0")[0]
        p01 = noise.qubit_property(qubit, "prob_meas0_prep1")[0]
        flips.append([[1 - p10, p10], [p01, 1 - p01]])
    read = {}
    for index, probability in enumerate(true):
        for value in range(8):
            factor = probability
            for k in range(3):
                factor *= flips[k][index >> k & 1][value >> k & 1]
            read[value] = read.get(value, 0) + factor
    return {(value & 3, value >> 2): p for value, p in read.items()}


def expect_near(found, expected, sigma, what):
    check(abs(found - expected) <= SIGMA * sigma, f"{what}: {found}, expected {expected} +- {SIGMA} * {sigma}")


def wait_for_end(job):
    end = time.time() + 20
    while not job.in_final_state():
        check(time.time() < end, f"job {job.job_id()} does not end")
        time.sleep(0.05)
    return job


def run(service, backend, program, pubs, options=None, extra=None, **more):
    inputs = {"pubs": pubs, "options": options or {}, "version": 2, "support_qiskit": True, **(extra or {})}
    runtime = {"backend": backend, **more.pop("runtime", {})}
    return service._run(program_id=program, inputs=inputs, options=runtime, **more)


def check_devices(service):
    names = [backend.name for backend in service.backends()]
    check(sorted(names) == ["ibm_fez", "ibm_torino"], f"devices: {names}")
    backend = service.backend("ibm_torino")
    check(backend.num_qubits == 133, "qubits of ibm_torino")
    check(backend.status().operational, "status of ibm_torino")
    target = backend.target
    check({"cz", "rz", "sx", "x", "measure", "reset", "if_else", "delay"} <= set(target.operation_names),
          f"operations: {sorted(target.operation_names)}")
    check(target["cz"][(0, 1)].error > 0 and target["cz"][(1, 0)].error == target["cz"][(0, 1)].error, "error of cz")
    check(abs(target.dt - 4e-9) < 1e-18, f"dt is {target.dt}")
    check(1e-5 < target.qubit_properties[0].t1 < 1e-3, f"T1 is {target.qubit_properties[0].t1}")
    check(service.least_busy().name in names, "least busy")
    check(service.usage()["usage_consumed_seconds"] >= 0, "usage")
    return backend


def check_sampler(service, backend):
    import numpy as np

    # Columns in the order of names: beta, theta.
    values = np.array([[beta, theta] for theta, beta in ANGLES])
    job = run(service, backend, "sampler", [[CIRCUIT, values, SHOTS]], {"simulator": {"seed_simulator": 7}})
    result = wait_for_end(job).result()
    check(len(result) == 1 and result[0].data.shape == (2,), f"shape {result[0].data.shape}")
    check(list(result[0].data) == ["c", "extra"], f"registers {list(result[0].data)}")
    for row, (theta, beta) in enumerate(ANGLES):
        expected = aer_probabilities(backend, {"theta": theta, "beta": beta})
        c = result[0].data.c[row].array.astype(int)[:, 0]
        extra = result[0].data.extra[row].array.astype(int)[:, 0]
        check(len(c) == SHOTS, "shots")
        for (c_value, extra_value), p in expected.items():
            found = np.count_nonzero((c == c_value) & (extra == extra_value)) / SHOTS
            expect_near(found, p, (p * (1 - p) / SHOTS) ** 0.5, f"row {row}, c {c_value}, extra {extra_value}")
    again = run(service, backend, "sampler", [[CIRCUIT, values, SHOTS]], {"simulator": {"seed_simulator": 7}})
    wait_for_end(again)
    check((again.result()[0].data.c.array == result[0].data.c.array).all(), "same seed, other shots")
    check(job.usage() > 0, "usage of a job")
    check(job.metrics()["usage"]["status"] == "complete", "metrics")
    check(job.logs() != "", "logs")


def check_estimator(service, backend):
    theta, beta = ANGLES[0]
    observables = [{"I" * 132 + "Z": 1.0}, {"I" * 131 + "ZI": 0.5, "I" * 131 + "ZZ": 2.0},
                   {"I" * 117 + "Z" + "I" * 14 + "Z": 1.0}]
    job = run(service, backend, "estimator", [[UNMEASURED, observables, {"theta": theta, "beta": beta}, 0.01]],
              extra={"resilience_level": 0})
    result = wait_for_end(job).result()
    check(result[0].data.evs.shape == (3,), f"shape {result[0].data.evs.shape}")
    probabilities = aer_probabilities(backend, {"theta": theta, "beta": beta})
    z = [lambda c, e: 1 - 2 * (c & 1), lambda c, e: 1 - 2 * (c >> 1), lambda c, e: 1 - 2 * e]
    mean = lambda f: sum(p * f(c, e) for (c, e), p in probabilities.items())
    expected = [mean(z[0]), 0.5 * mean(z[1]) + 2 * mean(lambda c, e: z[0](c, e) * z[1](c, e)),
                mean(lambda c, e: z[0](c, e) * z[2](c, e))]
    for k in range(3):
        check(0 < result[0].data.stds[k] < 0.05, f"deviation {result[0].data.stds[k]}")
        expect_near(result[0].data.evs[k], expected[k], max(result[0].data.stds[k], 0.005), f"observable {k}")


def check_jobs(service, backend):
    from qiskit_ibm_runtime import Batch, Session
    from qiskit_ibm_runtime.exceptions import RuntimeInvalidStateError, RuntimeJobNotFound

    pub = [CIRCUIT, {"theta": 0.1, "beta": 0.2}, 10]
    jobs = [run(service, backend, "sampler", [pub], runtime={"job_tags": ["parity", f"number-{k}"]}) for k in range(5)]
    for job in jobs:
        wait_for_end(job)
    ids = [job.job_id() for job in jobs]
    listed = [job.job_id() for job in service.jobs(limit=None, job_tags=["parity"])]
    check(listed == ids[::-1], "all pages, newest first")
    check([job.job_id() for job in service.jobs(limit=2, skip=1, job_tags=["parity"])] == ids[::-1][1:3], "a page")
    check([job.job_id() for job in service.jobs(job_tags=["parity", "number-3"])] == [ids[3]], "tags")
    check(service.jobs(pending=True) == [], "none is pending")
    jobs[0].update_tags(["renamed"])
    check([job.job_id() for job in service.jobs(job_tags=["renamed"])] == [ids[0]], "changed tags")
    found = service.job(ids[1])
    check(found.inputs["pubs"][0][0] == CIRCUIT and found.tags == ["parity", "number-1"], "the job by its id")
    try:
        jobs[1].cancel()
        check(False, "a job that is done cannot be cancelled")
    except RuntimeInvalidStateError:
        pass
    waiting = run(service, backend, "sampler", [pub])
    waiting.cancel()
    check(str(waiting.status()).upper().endswith("CANCELLED"), f"cancelled: {waiting.status()}")
    service.delete_job(ids[2])
    try:
        service.job(ids[2])
        check(False, "a deleted job is found")
    except RuntimeJobNotFound:
        pass
    for kind in (Session, Batch):
        with kind(backend=backend) as session:
            job = run(service, backend, "sampler", [pub], session_id=session.session_id)
            check(wait_for_end(job).session_id == session.session_id, "the session of a job")
            check("accepting" in session.status(), f"state of a session: {session.status()}")
        check(session.details()["accepting_jobs"] is False, "a closed session")
        check([job.job_id() for job in service.jobs(session_id=session.session_id)] == [job.job_id()], "jobs of a session")


def check_primitives(backend):
    """Circuits in QPY fail with the reason; the request is recorded all the same."""
    from qiskit import QuantumCircuit
    from qiskit_ibm_runtime import SamplerV2
    from qiskit_ibm_runtime.exceptions import RuntimeJobFailureError

    circuit = QuantumCircuit(133, 1)
    circuit.sx(0)
    circuit.measure(0, 0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        job = wait_for_end(SamplerV2(backend).run([circuit], shots=10))
    try:
        job.result()
        check(False, "a job in QPY succeeds")
    except RuntimeJobFailureError as error:
        check("QPY" in str(error), f"the reason of a job in QPY: {error}")


def check_record(folder):
    """Every kind of request was made and recorded, and no secret was."""
    kinds = {}
    for path in sorted(pathlib.Path(folder).glob("*.json")):
        text = path.read_text()
        check("rehearsal-key" not in text and "eyJ" not in text, f"{path.name} holds a secret")
        exchange = json.loads(text)
        kinds.setdefault(exchange["kind"], []).append(exchange)
        # 404 and 409 were asked for.
        check(exchange["reply"]["status"] in (200, 204, 404, 409), f"{path.name}: {exchange['reply']['status']}")
    wanted = {"token", "search", "catalog", "devices", "configuration", "properties", "status", "usage", "submit", "list",
              "job", "results", "cancel", "delete", "tag", "metrics", "logs", "session_create", "session", "session_close"}
    check(wanted <= set(kinds), f"not asked for: {wanted - set(kinds)}")
    for exchange in kinds["submit"]:
        check(set(exchange["body"]) >= {"program_id", "backend", "params"}, "the keys of a submit")
    return sum(len(list_) for list_ in kinds.values())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--keep", metavar="DIR", help="where the exchanges are kept")
    arguments = parser.parse_args()
    start = time.time()
    with tempfile.TemporaryDirectory() as scratch:
        folder = arguments.keep or os.path.join(scratch, "record")
        command = [QDCNN, "serve", "--json", "--device", "ibm_torino,ibm_fez", "--record", folder, "--pace", "0.05",
                   "--idle-timeout", "120"]
        server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        try:
            environment = json.loads(server.stdout.readline())["environment"]
            os.environ.update(environment, QISKIT_IBM_TOKEN="rehearsal-key", HOME=scratch)
            for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY"):
                os.environ.pop(name, None)
            from qiskit_ibm_runtime import QiskitRuntimeService

            service = QiskitRuntimeService()
            backend = check_devices(service)
            check_sampler(service, backend)
            check_estimator(service, backend)
            check_jobs(service, backend)
            check_primitives(backend)
            exchanges = check_record(folder)
        finally:
            server.terminate()
            server.wait(timeout=10)
    print(f"IBM's client and qdcnn serve: {exchanges} exchanges in {time.time() - start:.1f} s, all as expected")


if __name__ == "__main__":
    sys.exit(main())
