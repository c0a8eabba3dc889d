#include "support/sim_workload.h"

#include <cmath>

#include "qdcnn/base/json.h"

namespace qdcnn::test {

using namespace circuit;

namespace {

std::vector<Qubit> qubits_at(const JsonView& op) {
    std::vector<Qubit> qubits;
    for (const JsonView& qubit : op.at(std::size_t{1}).elements())
        qubits.push_back(static_cast<Qubit>(qubit.integer()));
    return qubits;
}

Operation read_operation(const JsonView& op) {
    const std::string name = op.at(std::size_t{0}).text();
    if (name == "measure") return Measure{qubits_at(op).at(0), static_cast<Clbit>(op.at(2).integer())};
    if (name == "reset") return Reset{qubits_at(op).at(0)};
    if (name == "if") {
        IfElse branch;
        branch.condition.bits = {static_cast<Clbit>(op.at(1).integer())};
        branch.condition.value = static_cast<std::uint64_t>(op.at(2).integer());
        for (const JsonView& inner : op.at(3).elements()) branch.then_body.push_back(read_operation(inner));
        return branch;
    }
    const GateRow* row = find_gate(name);
    if (!row) op.fail("unknown operation " + name);
    Gate gate{row->id, QubitList(qubits_at(op)), {}};
    for (std::size_t k = 2; k < op.size(); ++k) gate.angles.emplace_back(op.at(k).number());
    return gate;
}

}  // namespace

std::vector<Matrix> WorkloadNoise::kraus() const {
    if (kind == Kind::relaxation) {
        const double decay = 1 - std::exp(-time / t1);
        const double dephasing = 1 - decay - std::exp(-2 * time / t2);
        return {{2, {1, 0, 0, std::sqrt(1 - decay - dephasing)}},
                {2, {0, std::sqrt(decay), 0, 0}},
                {2, {0, 0, 0, std::sqrt(dephasing)}}};
    }
    const std::vector<Matrix> paulis{Matrix::identity(2),
                                     {2, {0, 1, 1, 0}},
                                     {2, {0, Complex(0, -1), Complex(0, 1), 0}},
                                     {2, {1, 0, 0, -1}}};
    const std::size_t count = std::size_t{1} << (2 * qubits.size());
    std::vector<Matrix> operators;
    for (std::size_t word = 0; word < count; ++word) {
        Matrix product = Matrix::identity(1);
        for (std::size_t i = 0; i < qubits.size(); ++i) {
            const Matrix& letter = paulis[word >> (2 * i) & 3];
            Matrix larger = Matrix::zero(2 * product.size);
            for (std::size_t row = 0; row < larger.size; ++row)
                for (std::size_t column = 0; column < larger.size; ++column)
                    larger(row, column) = product(row % product.size, column % product.size) *
                                          letter(row / product.size, column / product.size);
            product = larger;
        }
        const double share = probability / static_cast<double>(count);
        const double weight = word == 0 ? 1 - probability + share : share;
        for (Complex& value : product.values) value *= std::sqrt(weight);
        operators.push_back(product);
    }
    return operators;
}

SimWorkload read_sim_workload(const std::string& path) {
    const nlohmann::json document = read_json_file(path);
    const JsonView root(document, "");
    if (root.at("format").text() != "sim-circuit/1") root.at("format").fail("expected sim-circuit/1");
    SimWorkload workload{root.at("name").text(),
                         Circuit(static_cast<std::uint32_t>(root.at("n").integer()),
                                 static_cast<std::uint32_t>(root.at("cbits").integer())),
                         {},
                         {}};
    if (root.at("readout").value().is_array())
        for (const JsonView& flips : root.at("readout").elements())
            workload.readout.emplace_back(flips.at(std::size_t{0}).number(), flips.at(1).number());
    for (const JsonView& op : root.at("ops").elements()) {
        const std::string name = op.at(std::size_t{0}).text();
        WorkloadNoise noise{WorkloadNoise::Kind::depolarizing, workload.circuit.operations().size(), {}};
        if (name == "depol") {
            noise.qubits = qubits_at(op);
            noise.probability = op.at(2).number();
            workload.noise.push_back(noise);
        } else if (name == "relax") {
            noise.kind = WorkloadNoise::Kind::relaxation;
            noise.qubits = qubits_at(op);
            noise.t1 = op.at(2).number();
            noise.t2 = op.at(3).number();
            noise.time = op.at(4).number();
            workload.noise.push_back(noise);
        } else {
            workload.circuit.add(read_operation(op));
        }
    }
    return workload;
}

}  // namespace qdcnn::test
