#include "qdcnn/run/readout.h"

#include <algorithm>
#include <map>
#include <optional>

#include "qdcnn/base/error.h"

namespace qdcnn::run {
namespace {

using namespace circuit;
using backend::SamplerPubResult;

[[noreturn]] void not_read(Clbit bit) {
    throw Error(ErrorKind::internal, "a parity has bit " + std::to_string(bit) + ", which is not read");
}

/// Where a bit stands: in which register, and at which place in it.
std::pair<std::size_t, std::uint32_t> place_of(const std::vector<Register>& registers, Clbit bit) {
    for (std::size_t r = 0; r < registers.size(); ++r)
        if (bit >= registers[r].offset && bit < registers[r].offset + registers[r].size)
            return {r, bit - registers[r].offset};
    not_read(bit);
}

/// Keys of joint results: the last register first, blanks between, the highest bit left.
class Keys {
  public:
    Keys(const ReadoutRegisters& registers, const transpile::ReadoutMap& readout) {
        std::size_t length = 0;
        for (const Register& own : registers.sent) length += own.size + 1;
        for (std::size_t r = registers.asked.size(); r-- > 0;) {
            const Register& own = registers.asked[r];
            if (!values_.empty()) values_.emplace_back();
            for (std::uint32_t place = own.size; place-- > 0;)
                values_.push_back(of(readout.values.at(own.offset + place), registers.sent, length));
        }
    }

    std::string recovered(const std::string& key) const {
        std::string text;
        for (const auto& value : values_) {
            if (!value) {
                text += ' ';
                continue;
            }
            bool is_odd = value->flip;
            for (const std::size_t place : value->places) is_odd = is_odd != (key.at(place) == '1');
            text += is_odd ? '1' : '0';
        }
        return text;
    }

  private:
    struct Value {
        std::vector<std::size_t> places;
        bool flip;
    };

    static Value of(const transpile::Parity& parity, const std::vector<Register>& sent, std::size_t length) {
        Value value{{}, parity.flip};
        for (const Clbit bit : parity.bits) {
            const auto [index, within] = place_of(sent, bit);
            // From the right end: the registers before it with their blanks, then the bits below.
            std::size_t from_right = within;
            for (std::size_t r = 0; r < index; ++r) from_right += sent[r].size + 1;
            value.places.push_back(length - 2 - from_right);
        }
        return value;
    }

    /// Nothing for the blank between registers.
    std::vector<std::optional<Value>> values_;
};

template <class Weights>
Weights recovered_weights(const Weights& weights, const Keys& keys) {
    Weights sums;
    for (const auto& [key, weight] : weights) sums[keys.recovered(key)] += weight;
    return sums;
}

std::vector<std::optional<Qubit>> last_reads(const Circuit& circuit) {
    std::vector<std::optional<Qubit>> qubits(circuit.num_clbits());
    const std::vector<bool> is_last = final_measurements(circuit);
    for (std::size_t i = 0; i < is_last.size(); ++i) {
        if (!is_last[i]) continue;
        const auto& measure = std::get<Measure>(circuit.operations()[i].kind());
        qubits[measure.clbit] = measure.qubit;
    }
    return qubits;
}

}  // namespace

SamplerPubResult recovered(const SamplerPubResult& received, const ReadoutRegisters& registers,
                           const transpile::ReadoutMap& readout) {
    SamplerPubResult result;
    result.registers = registers.asked;
    result.metadata = received.metadata;
    if (!received.probabilities.empty()) {
        const Keys keys(registers, readout);
        for (const backend::Probabilities& row : received.probabilities)
            result.probabilities.push_back(recovered_weights(row, keys));
    }
    if (received.data.empty()) return result;
    const std::size_t rows = received.data.front().shots.rows();
    const std::uint64_t shots = received.data.front().shots.shots();
    for (const Register& own : registers.asked) {
        backend::BitArray bits(rows, shots, own.size);
        for (std::uint32_t place = 0; place < own.size; ++place) {
            const transpile::Parity& parity = readout.values.at(own.offset + place);
            std::vector<std::pair<const backend::BitArray*, std::uint32_t>> sources;
            for (const Clbit bit : parity.bits) {
                const auto [index, within] = place_of(registers.sent, bit);
                sources.emplace_back(&received[registers.sent[index].name], within);
            }
            for (std::size_t row = 0; row < rows; ++row)
                for (std::uint64_t shot = 0; shot < shots; ++shot) {
                    bool is_odd = parity.flip;
                    for (const auto& [source, within] : sources)
                        is_odd = is_odd != source->get(row, shot, within);
                    bits.set(row, shot, place, is_odd);
                }
        }
        result.data.push_back({own.name, std::move(bits)});
    }
    return result;
}

backend::Counts recovered(const backend::Counts& counts, const ReadoutRegisters& registers,
                          const transpile::ReadoutMap& readout) {
    return recovered_weights(counts, Keys(registers, readout));
}

Observable observable_of(std::span<const ReadoutTerm> terms, const transpile::ReadoutMap& readout,
                         const Circuit& circuit) {
    const auto qubits = last_reads(circuit);
    std::map<std::vector<Qubit>, double> sums;
    for (const ReadoutTerm& term : terms) {
        const transpile::Parity& parity = readout.values.at(term.value);
        std::vector<Qubit> read;
        for (const Clbit bit : parity.bits) {
            if (!qubits.at(bit)) not_read(bit);
            read.push_back(*qubits[bit]);
        }
        std::sort(read.begin(), read.end());
        sums[read] += parity.flip ? -term.coefficient : term.coefficient;
    }
    Observable observable;
    for (const auto& [read, coefficient] : sums) {
        PauliString paulis;
        for (const Qubit qubit : read) paulis.emplace_back(qubit, Pauli::z);
        observable.terms.push_back({coefficient, std::move(paulis)});
    }
    return observable;
}

Circuit without_readouts(const Circuit& circuit) {
    const std::vector<bool> is_last = final_measurements(circuit);
    std::vector<Operation> kept;
    bool has_bits = false;
    for (std::size_t i = 0; i < is_last.size(); ++i)
        if (!is_last[i]) kept.push_back(circuit.operations()[i]);
    for_each_operation(kept, [&](const Operation& operation) {
        has_bits = has_bits || !bits_written(operation).empty() || !bits_read(operation).empty();
    });
    Circuit made = circuit.empty_copy();
    if (!has_bits) {
        made = Circuit();
        for (const Register& own : circuit.qubit_registers()) made.add_qubits(own.name, own.size);
        for (const std::string& name : circuit.parameters()) made.parameter(name);
        made.set_on_physical_qubits(circuit.is_on_physical_qubits());
        made.set_global_phase(circuit.global_phase());
    }
    made.mutable_operations() = std::move(kept);
    return made;
}

}  // namespace qdcnn::run
