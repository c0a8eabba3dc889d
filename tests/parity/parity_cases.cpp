// Writes random circuits as OpenQASM and what they must give, for compare_qasm.py to read with Qiskit.
//
//     qdcnn_parity_cases FOLDER [COUNT] [SEED]
//
// case_0000.qasm beside case_0000.json: {"dialect", "seed", "parameters": {name: value}, "unitary": [[re,
// im], ..] row by row | "distribution": {"01": p, ..}}. Gates of all the table, up to 7 qubits; every second
// case measures, resets and branches. Expected values come from the room circuit and the reference simulator.

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>

#include "qdcnn/base/error.h"
#include "qdcnn/base/files.h"
#include "qdcnn/base/random.h"
#include "qdcnn/circuit/unitary.h"
#include "qdcnn/qasm/printer.h"
#include "support/random_circuit.h"
#include "support/reference_simulator.h"

namespace {

using namespace qdcnn;
using namespace qdcnn::circuit;

/// Gives some branches conditions on several bits, and puts delays and barriers between.
Circuit varied(const Circuit& circuit, bool with_delays, Random& random) {
    Circuit result = circuit.empty_copy();
    for (Operation operation : circuit.operations()) {
        if (auto* branch = std::get_if<IfElse>(&operation.kind());
            branch != nullptr && random.uniform() < 0.5) {
            std::vector<Clbit> bits(circuit.num_clbits());
            for (Clbit bit = 0; bit < circuit.num_clbits(); ++bit) bits[bit] = bit;
            // All of them make a register's comparison, fewer a nest of branches.
            if (random.uniform() < 0.6) {
                random.shuffle(bits);
                bits.resize(1 + random.below(bits.size()));
            }
            branch->condition = {bits,
                                 random.below(std::uint64_t{1} << std::min<std::size_t>(bits.size(), 2))};
        }
        result.add(std::move(operation));
        const auto qubit = static_cast<Qubit>(random.below(circuit.num_qubits()));
        if (with_delays && random.uniform() < 0.05)
            result.delay(static_cast<double>(random.below(1000)) * 1e-9, qubit);
        if (random.uniform() < 0.05) result.barrier();
    }
    result.set_global_phase(random.uniform(-3.0, 3.0));
    return result;
}

nlohmann::json unitary_json(const Circuit& bound) {
    nlohmann::json values = nlohmann::json::array();
    for (const Complex& value : unitary_of(bound).values) values.push_back({value.real(), value.imag()});
    return values;
}

nlohmann::json distribution_json(const Circuit& bound) {
    nlohmann::json distribution;
    for (const auto& [record, probability] : test::reference_run(bound).records())
        distribution[fmt::format("{:0{}b}", record, bound.num_clbits())] = probability;
    return distribution;
}

qasm::Dialect dialect_of_case(std::size_t index, bool is_dynamic, bool has_parameters) {
    if (!is_dynamic && !has_parameters && index % 5 == 0) return qasm::Dialect::qasm2;
    if (index % 5 == 3) return qasm::Dialect::qiskit_isa;
    if (index % 5 == 4) return qasm::Dialect::ibm;
    return qasm::Dialect::qiskit;
}

void write_case(const std::string& folder, std::size_t index, std::uint64_t seed) {
    Random random = Random(seed).stream(index);
    const bool is_dynamic = index % 2 == 1;
    test::RandomCircuitShape shape;
    shape.qubits = static_cast<std::uint32_t>(1 + random.below(is_dynamic ? 4 : index % 20 == 0 ? 7 : 5));
    shape.gates = 10 + random.below(30);
    shape.dynamic = is_dynamic;
    shape.parameters = random.below(3) == 0 ? 3 : 0;
    const qasm::Dialect dialect = dialect_of_case(index, is_dynamic, shape.parameters > 0);
    Circuit circuit =
        varied(test::random_circuit(shape, random), qasm::dialect_row(dialect).has_delay, random);
    if (is_dynamic)
        for (Qubit qubit = 0; qubit < circuit.num_qubits(); qubit += 2) circuit.measure(qubit, qubit);
    std::vector<double> values;
    nlohmann::json parameters = nlohmann::json::object();
    for (const std::string& name : circuit.parameters()) {
        values.push_back(random.uniform(-3.0, 3.0));
        parameters[name] = values.back();
    }
    const Circuit bound = circuit.bind(values);
    nlohmann::json expected{{"dialect", qasm::dialect_row(dialect).name},
                            {"seed", seed},
                            {"qubits", shape.qubits},
                            {"parameters", parameters}};
    if (is_dynamic)
        expected["distribution"] = distribution_json(bound);
    else
        expected["unitary"] = unitary_json(bound);
    const std::string path = fmt::format("{}/case_{:05}", folder, index);
    write_file_atomic(path + ".qasm", qasm::print_qasm(circuit, {.dialect = dialect}));
    write_file_atomic(path + ".json", expected.dump());
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2 || argc > 4) {
        std::fprintf(stderr, "usage: qdcnn_parity_cases FOLDER [COUNT] [SEED]\n");
        return 2;
    }
    try {
        const std::string folder = argv[1];
        const std::size_t count = argc > 2 ? std::stoul(argv[2]) : 300;
        const std::uint64_t seed = argc > 3 ? std::stoull(argv[3]) : 1;
        qdcnn::make_folders(folder);
        for (std::size_t index = 0; index < count; ++index) write_case(folder, index, seed);
        std::printf("%zu cases in %s, seed %llu\n", count, folder.c_str(),
                    static_cast<unsigned long long>(seed));
        return 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "error: %s\n", error.what());
        return 1;
    }
}
