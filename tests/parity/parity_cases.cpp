// Prints random circuits, a line of JSON each: the circuit in every dialect that can say it, and what it must
// give by simulators of this program's own tests.
//
//     qdcnn_parity_cases [COUNT [SEED [FIRST]]]
//
// {"index", "kind": "unitary" | "dynamic" | "version 2", "qubits", "parameters": {name: value},
//  "unitary": [[re, im], ..] or "distribution": {"0110": p, ..} (bit 0 rightmost),
//  "texts": {dialect: text}, "unsaid": {dialect: why}, "round_trip": worst difference after reading each
//  back}
// A dialect with " deferred" behind its name: with the measurements deferred.

#include <fmt/format.h>

#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "qdcnn/base/error.h"
#include "qdcnn/base/random.h"
#include "qdcnn/circuit/unitary.h"
#include "qdcnn/qasm/passes.h"
#include "qdcnn/qasm/printer.h"
#include "qdcnn/qasm/reader.h"
#include "support/branching_simulator.h"
#include "support/random_circuit.h"

namespace {

using namespace qdcnn;
using namespace qdcnn::circuit;

enum class Kind { unitary, dynamic, version_2 };

constexpr std::uint32_t kMostQubits = 7, kMostDeferred = 12;

/// `size` bits or qubits in one to three registers.
void add_registers(std::uint32_t size, std::string_view names, Random& random,
                   const std::function<void(const std::string&, std::uint32_t)>& add) {
    for (std::size_t i = 0; size > 0; ++i) {
        const std::uint32_t part =
            i + 1 == names.size() ? size : 1 + static_cast<std::uint32_t>(random.below(size));
        add(std::string(1, names[i]), part);
        size -= part;
    }
}

class Generator {
  public:
    Generator(Kind kind, Random& random) : kind_(kind), random_(random) {
        qubits_ = static_cast<std::uint32_t>(1 + random.below(kind == Kind::unitary ? 5 : 4));
        if (random.below(20) == 0) qubits_ = kMostQubits;
    }

    Circuit make() {
        Circuit circuit;
        // Names that are gates to some readers.
        add_registers(qubits_, "qri", random_,
                      [&](const auto& name, std::uint32_t size) { circuit.add_qubits(name, size); });
        if (kind_ != Kind::unitary)
            add_registers(std::min(qubits_, 4u), "cvd", random_,
                          [&](const auto& name, std::uint32_t size) { circuit.add_clbits(name, size); });
        const bool has_parameters = kind_ != Kind::version_2 && random_.below(3) == 0;
        const Circuit gates = test::random_circuit(
            {.qubits = qubits_, .gates = 6 + random_.below(14), .parameters = has_parameters ? 2u : 0u},
            random_);
        for (const std::string& name : gates.parameters()) circuit.parameter(name);
        for (const Operation& gate : gates.operations()) {
            if (kind_ != Kind::unitary && random_.below(3) == 0)
                add_control(circuit, gate);
            else
                circuit.add(gate);
            if (random_.below(12) == 0) circuit.barrier();
        }
        if (kind_ != Kind::unitary)
            for (Clbit bit = 0; bit < circuit.num_clbits(); ++bit)
                if (random_.below(2) == 0) circuit.measure(bit, bit);
        circuit.set_global_phase(random_.uniform(-3, 3));
        return circuit;
    }

  private:
    Qubit qubit() { return static_cast<Qubit>(random_.below(qubits_)); }
    Clbit bit(const Circuit& circuit) { return static_cast<Clbit>(random_.below(circuit.num_clbits())); }

    /// On all bits of a register, or on any.
    Condition condition(const Circuit& circuit) {
        std::vector<Clbit> bits;
        if (kind_ == Kind::version_2 || random_.below(2) == 0) {
            const auto& registers = circuit.clbit_registers();
            const Register& reg = registers[random_.below(registers.size())];
            for (Clbit i = 0; i < reg.size; ++i) bits.push_back(reg.offset + i);
        } else {
            for (Clbit i = 0; i < circuit.num_clbits(); ++i) bits.push_back(i);
            random_.shuffle(bits);
            bits.resize(1 + random_.below(bits.size()));
        }
        return {bits, random_.below(std::uint64_t{1} << std::min<std::size_t>(bits.size(), 2))};
    }

    void add_control(Circuit& circuit, const Operation& gate) {
        switch (random_.below(kind_ == Kind::version_2 ? 6 : 8)) {
            case 0:
                circuit.reset(qubit());
                break;
            case 1:
            case 2:
            case 3:
                circuit.measure(qubit(), bit(circuit));
                break;
            case 6: {
                const Qubit turned = qubit();
                const Clbit read = bit(circuit);
                circuit.measure(turned, read);
                circuit.while_loop({{read}, 1}, [&](Circuit& body) { body.x(turned).measure(turned, read); });
                break;
            }
            default:
                circuit.if_else(
                    condition(circuit), [&](Circuit& body) { body.add(gate); },
                    kind_ == Kind::version_2 || random_.below(2) == 0
                        ? std::function<void(Circuit&)>()
                        : [&](Circuit& body) { body.x(qubit()); });
        }
    }

    Kind kind_;
    Random& random_;
    std::uint32_t qubits_;
};

double difference(const test::Records& a, const test::Records& b) {
    double worst = 0;
    for (const auto* from : {&a, &b})
        for (const auto& [record, probability] : *from) {
            const auto in_a = a.find(record), in_b = b.find(record);
            worst = std::max(
                worst, std::abs((in_a == a.end() ? 0 : in_a->second) - (in_b == b.end() ? 0 : in_b->second)));
        }
    return worst;
}

double difference(const Circuit& a, const Circuit& b) {
    if (!a.is_unitary()) return difference(test::records_of(a), test::records_of(b));
    Circuit wide = a.num_qubits() == b.num_qubits() ? b : Circuit(a.num_qubits());
    if (a.num_qubits() != b.num_qubits()) {
        // On physical qubits a text is as wide as the highest that it names.
        std::vector<Qubit> same(b.num_qubits());
        for (Qubit q = 0; q < b.num_qubits(); ++q) same[q] = q;
        wide.append(b, same);
    }
    return distance_up_to_phase(unitary_of(a), unitary_of(wide));
}

nlohmann::json case_json(std::size_t index, std::uint64_t seed) {
    Random random = Random(seed).stream(index);
    constexpr std::pair<Kind, const char*> kKinds[] = {
        {Kind::unitary, "unitary"}, {Kind::dynamic, "dynamic"}, {Kind::version_2, "version 2"}};
    const auto& [kind, name] = kKinds[index % 3];
    const Circuit circuit = Generator(kind, random).make();
    std::vector<double> values;
    nlohmann::json result{{"index", index},
                          {"kind", name},
                          {"qubits", circuit.num_qubits()},
                          {"parameters", nlohmann::json::object()},
                          {"texts", nlohmann::json::object()},
                          {"unsaid", nlohmann::json::object()}};
    for (const std::string& parameter : circuit.parameters()) {
        values.push_back(random.uniform(-3.0, 3.0));
        result["parameters"][parameter] = values.back();
    }
    const Circuit bound = circuit.bind(values);
    if (bound.is_unitary()) {
        for (const Complex& value : unitary_of(bound).values)
            result["unitary"].push_back({value.real(), value.imag()});
    } else {
        for (const auto& [record, probability] : test::records_of(bound))
            result["distribution"][fmt::format("{:0{}b}", record, bound.num_clbits())] = probability;
    }
    double worst = 0;
    const auto add = [&](const std::string& label, qasm::Dialect dialect, const Circuit& printed) {
        const std::string text = qasm::print_qasm(printed, {.dialect = dialect});
        const Circuit again = qasm::read_qasm(text, label);
        worst = std::max(worst, difference(bound, again.parameters().empty() ? again : again.bind(values)));
        result["texts"][label] = text;
    };
    for (const qasm::DialectRow& row : qasm::dialects()) {
        const std::string label(row.name);
        const bool has_parameters = !row.parameter_type.empty();
        try {
            add(label, row.dialect, has_parameters ? circuit : bound);
        } catch (const Error& error) {
            if (error.kind() != ErrorKind::unsupported) throw;
            result["unsaid"][label] = error.what();
            try {
                add(label + " deferred", row.dialect,
                    qasm::with_measurements_deferred(qasm::with_loops_unrolled(bound, 2), kMostDeferred));
            } catch (const Error& deferring) {
                if (deferring.kind() != ErrorKind::unsupported) throw;
            }
        }
    }
    result["round_trip"] = worst;
    return result;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        const std::size_t count = argc > 1 ? std::stoul(argv[1]) : 300;
        const std::uint64_t seed = argc > 2 ? std::stoull(argv[2]) : 1;
        const std::size_t first = argc > 3 ? std::stoul(argv[3]) : 0;
        for (std::size_t index = first; index < first + count; ++index)
            std::printf("%s\n", case_json(index, seed).dump().c_str());
        return 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "error: %s\n", error.what());
        return 1;
    }
}
