"""Makes noise.json, circuit.qasm and expected.json of this folder with Qiskit Aer's density matrix.
Made with qiskit 2.6.2, qiskit-aer 0.18.2, numpy 2:  python3 make.py
expected.json: probabilities of the bits c[2] c[1] c[0]; Aer's state before the measurements, then the error of measure and
the read-out errors applied as matrices (Aer itself only samples those)."""
import json

import numpy as np
from qiskit import QuantumCircuit, qasm3
from qiskit_aer import AerSimulator
from qiskit_aer.noise import (NoiseModel, ReadoutError, amplitude_damping_error, depolarizing_error, pauli_error,
                              thermal_relaxation_error)

model = NoiseModel()
model.add_all_qubit_quantum_error(depolarizing_error(.03, 1).compose(amplitude_damping_error(.1)), ["h", "sx"])
model.add_quantum_error(thermal_relaxation_error(50, 80, 9, .1).tensor(thermal_relaxation_error(50, 30, 9)), "cx", [1, 0])
model.add_quantum_error(depolarizing_error(.05, 2).compose(
    amplitude_damping_error(.2).expand(thermal_relaxation_error(5, 9, 1))), "cx", [1, 2])
model.add_all_qubit_quantum_error(amplitude_damping_error(.3), "t")
model.add_all_qubit_quantum_error(pauli_error([("XY", .1), ("II", .9)]), "cz")
model.add_all_qubit_quantum_error(pauli_error([("X", .1), ("I", .9)]), "reset")
model.add_all_qubit_quantum_error(pauli_error([("X", .05), ("I", .95)]), "measure")
readout = {0: [[.97, .03], [.08, .92]], 1: [[.9, .1], [.2, .8]], 2: [[.97, .03], [.08, .92]]}
model.add_all_qubit_readout_error(ReadoutError(readout[0]))
model.add_readout_error(ReadoutError(readout[1]), [1])

circuit = QuantumCircuit(3, 3)
circuit.h(0); circuit.cx(1, 0); circuit.sx(1); circuit.cx(1, 2); circuit.t(0); circuit.cz(2, 0); circuit.h(1)
circuit.cx(1, 0); circuit.sx(2); circuit.reset(0); circuit.sx(0); circuit.cz(0, 2); circuit.cx(1, 2)
measured = circuit.copy()
measured.measure([0, 1, 2], [2, 0, 1])
circuit.save_density_matrix()
rho = AerSimulator(noise_model=model, method="density_matrix").run(circuit).result().data()["density_matrix"].data

flip = np.array([[.95, .05], [.05, .95]])
of = [np.array(readout[q]).T @ flip for q in range(3)]
p = np.einsum("ai,bj,ck,ijk->abc", of[2], of[1], of[0], np.diag(rho).real.reshape(2, 2, 2))
expected = {f"{q0}{q2}{q1}": p[q2, q1, q0] for q2 in range(2) for q1 in range(2) for q0 in range(2)}

json.dump(model.to_dict(serializable=True), open("noise.json", "w"))
open("circuit.qasm", "w").write(qasm3.dumps(measured))
json.dump(expected, open("expected.json", "w"), indent=1, sort_keys=True)
