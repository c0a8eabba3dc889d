#include "qdcnn/sim/aer_noise.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <iterator>
#include <optional>

#include "qdcnn/base/error.h"
#include "qdcnn/base/files.h"
#include "qdcnn/base/json.h"

namespace qdcnn::sim {
namespace {

using circuit::Qubit;

[[noreturn]] void unsupported(const JsonView& where, const std::string& message,
                              const std::string& hint = {}) {
    throw Error(ErrorKind::unsupported, fmt::format("{}: {}", where.path(), message), hint);
}

/// What is not understood must not be skipped: the noise would be another.
void expect_keys(const JsonView& object, std::initializer_list<std::string_view> known) {
    for (const std::string& key : object.keys())
        if (std::find(known.begin(), known.end(), key) == known.end())
            unsupported(object, fmt::format("the key \"{}\" is not known", key));
}

/// Errors of channels and models get the place in front.
template <typename Make>
auto in_place(const JsonView& where, const Make& make) {
    try {
        return make();
    } catch (const Error& error) {
        throw error.with_context(where.path());
    }
}

Complex complex_number(const JsonView& value) {
    if (value.value().is_number()) return value.number();
    if (value.size() != 2) value.fail("expected a complex number [re, im]");
    return {value.at(std::size_t{0}).number(), value.at(1).number()};
}

Matrix matrix(const JsonView& rows) {
    Matrix result = Matrix::zero(rows.size());
    for (std::size_t row = 0; row < result.size; ++row) {
        const JsonView entries = rows.at(row);
        if (entries.size() != result.size)
            entries.fail(fmt::format("expected {} entries in a row of a square matrix, found {}", result.size,
                                     entries.size()));
        for (std::size_t column = 0; column < result.size; ++column)
            result(row, column) = complex_number(entries.at(column));
    }
    return result;
}

Qubit qubit_number(const JsonView& value) {
    const std::int64_t number = value.integer();
    if (number < 0 || number > 1'000'000) value.fail(fmt::format("{} is no qubit", number));
    return static_cast<Qubit>(number);
}

std::vector<Qubit> qubit_numbers(const JsonView& list) {
    std::vector<Qubit> qubits;
    for (const JsonView& element : list.elements()) qubits.push_back(qubit_number(element));
    return qubits;
}

/// "XI": the letter of the first qubit is the last one.
Channel pauli_product(const JsonView& word, std::size_t qubits) {
    static const Channel kLetters[] = {Channel::identity(1), Channel::of(ChannelId::bit_flip, {1}),
                                       Channel::of(ChannelId::bit_phase_flip, {1}),
                                       Channel::of(ChannelId::phase_flip, {1})};
    const std::string text = word.text();
    if (text.size() != qubits)
        word.fail(fmt::format("\"{}\" has not one letter for each of {} qubit(s)", text, qubits));
    const auto letter = [&](std::size_t qubit) -> const Channel& {
        const std::size_t index = std::string_view("IXYZ").find(text[text.size() - 1 - qubit]);
        if (index == std::string_view::npos)
            word.fail(fmt::format("\"{}\" is no word of the letters I, X, Y, Z", text));
        return kLetters[index];
    };
    return qubits == 1 ? letter(0) : Channel::tensor(letter(0), letter(1));
}

Channel gate_channel(const JsonView& instruction, const circuit::GateRow& row) {
    std::vector<double> angles;
    if (instruction.has("params")) angles = instruction.at("params").numbers();
    if (angles.size() != static_cast<std::size_t>(row.parameters))
        instruction.fail(
            fmt::format("{} takes {} parameter(s), not {}", row.name, row.parameters, angles.size()));
    return Channel::from_unitary(row.matrix(angles));
}

/// The instruction as a channel on its own qubits, in their order.
Channel instruction_channel(const JsonView& instruction, std::size_t qubits) {
    const std::string name = instruction.at("name").text();
    if (name == "id") return Channel::identity(static_cast<int>(qubits));
    if (name == "reset") return Channel::of(ChannelId::reset, {1, 0});
    if (name == "pauli") return pauli_product(instruction.at("params").at(std::size_t{0}), qubits);
    if (name == "kraus") {
        std::vector<Matrix> operators;
        for (const JsonView& element : instruction.at("params").elements())
            operators.push_back(matrix(element));
        return in_place(instruction, [&] { return Channel::from_kraus(operators); });
    }
    if (name == "unitary" || name == "superop") {
        const Matrix given = matrix(instruction.at("params").at(std::size_t{0}));
        return in_place(instruction, [&] {
            return name == "unitary" ? Channel::from_unitary(given) : Channel::from_superoperator(given);
        });
    }
    if (const auto* row = circuit::find_gate(name); row && row->qubits <= 2)
        return gate_channel(instruction, *row);
    unsupported(instruction.at("name"), fmt::format("the instruction \"{}\" is not known in an error", name),
                "Known are id, reset, pauli, kraus, unitary, superop and gates on one or two qubits.");
}

/// A sequence of instructions on the operation's qubits.
class Sequence {
  public:
    explicit Sequence(int qubits) : total_(Channel::identity(qubits)) {}

    void add(const JsonView& instruction) {
        expect_keys(instruction, {"name", "qubits", "params", "label"});
        const auto qubits = qubit_numbers(instruction.at("qubits"));
        if (qubits.empty() || qubits.size() > 2)
            unsupported(instruction.at("qubits"), "only one or two qubits are supported");
        for (const Qubit qubit : qubits)
            if (qubit >= static_cast<Qubit>(total_.qubits()))
                instruction.at("qubits").fail(
                    fmt::format("qubit {} is outside an error on {} qubit(s)", qubit, total_.qubits()));
        if (qubits.size() == 2 && qubits[0] == qubits[1])
            instruction.at("qubits").fail("a qubit is named twice");
        const Channel channel = instruction_channel(instruction, qubits.size());
        if (channel.qubits() != static_cast<int>(qubits.size()))
            instruction.fail(
                fmt::format("acts on {} qubit(s), {} are listed", channel.qubits(), qubits.size()));
        if (channel.qubits() == 2) {
            settle();
            total_ = total_.compose(qubits[0] == 0 ? channel : channel.swapped());
        } else if (total_.qubits() == 1) {
            total_ = total_.compose(channel);
        } else {
            single_[qubits[0]] = single_[qubits[0]].compose(channel);
            is_settled_ = false;
        }
    }

    Channel channel() {
        settle();
        return total_;
    }

  private:
    /// One-qubit instructions are gathered qubit by qubit, which is much less work than to widen each.
    void settle() {
        if (is_settled_) return;
        const Channel both = Channel::tensor(single_[0], single_[1]);
        total_ = total_.is_identity() ? both : total_.compose(both);
        single_[0] = single_[1] = Channel::identity(1);
        is_settled_ = true;
    }

    Channel total_;
    Channel single_[2] = {Channel::identity(1), Channel::identity(1)};
    bool is_settled_ = true;
};

/// The lists of qubits an error is for; nothing: all.
std::optional<std::vector<std::vector<Qubit>>> places(const JsonView& error) {
    if (!error.has("gate_qubits")) return std::nullopt;
    std::vector<std::vector<Qubit>> lists;
    for (const JsonView& list : error.at("gate_qubits").elements()) lists.push_back(qubit_numbers(list));
    if (lists.empty()) return std::nullopt;
    return lists;
}

/// Instructions of Aer that no circuit here has: whatever their error, it never acts.
bool is_in_no_circuit(const std::string& operation) {
    constexpr std::string_view kNames[] = {"unitary", "diagonal", "multiplexer", "kraus", "superop", "pauli"};
    return std::find(std::begin(kNames), std::end(kNames), operation) != std::end(kNames);
}

void add_quantum_error(NoiseModel& model, const JsonView& error) {
    expect_keys(error, {"type", "id", "operations", "instructions", "probabilities", "gate_qubits"});
    const auto where = places(error);
    std::size_t qubits = where ? where->front().size() : 1;
    if (!where)
        for (const JsonView& sequence : error.at("instructions").elements())
            for (const JsonView& instruction : sequence.elements())
                for (const Qubit qubit : qubit_numbers(instruction.at("qubits")))
                    qubits = std::max<std::size_t>(qubits, qubit + 1);
    if (qubits < 1 || qubits > 2)
        unsupported(error, fmt::format("an error on {} qubits; one or two are supported", qubits));

    std::vector<Channel> channels;
    for (const JsonView& instructions : error.at("instructions").elements()) {
        Sequence sequence(static_cast<int>(qubits));
        for (const JsonView& instruction : instructions.elements()) sequence.add(instruction);
        channels.push_back(sequence.channel());
    }
    const auto probabilities = error.at("probabilities").numbers();
    if (probabilities.size() != channels.size())
        error.at("probabilities")
            .fail(fmt::format("{} probabilities for {} sequences of instructions", probabilities.size(),
                              channels.size()));
    const auto operations = error.at("operations").texts();
    in_place(error, [&] {
        const GateError whole(Channel::mixture(probabilities, channels));
        for (const std::string& operation : operations) {
            if (is_in_no_circuit(operation)) continue;
            if (!where) model.add_error(operation, whole);
            for (const auto& list : where.value_or(std::vector<std::vector<Qubit>>()))
                model.add_error(operation, list, whole);
        }
        return &model;
    });
}

void add_readout_error(NoiseModel& model, const JsonView& error) {
    expect_keys(error, {"type", "id", "operations", "probabilities", "gate_qubits"});
    for (const JsonView& operation : error.at("operations").elements())
        if (operation.text() != "measure")
            unsupported(operation, "a read-out error of another operation than measure");
    const JsonView rows = error.at("probabilities");
    if (rows.size() != 2)
        unsupported(rows, fmt::format("a read-out error with {} outcomes; only single qubits are supported",
                                      rows.size()));
    double flips[2];
    for (std::size_t prepared = 0; prepared < 2; ++prepared) {
        const auto row = rows.at(prepared).numbers();
        if (row.size() != 2 || !(std::abs(row[0] + row[1] - 1) <= kChannelTolerance))
            rows.at(prepared).fail("expected two probabilities that sum to 1");
        flips[prepared] = row[1 - prepared];
    }
    const ReadoutError readout{flips[0], flips[1]};
    const auto where = places(error);
    if (!where) in_place(error, [&] { return &model.set_readout(readout); });
    for (const auto& list : where.value_or(std::vector<std::vector<Qubit>>())) {
        if (list.size() != 1)
            unsupported(error.at("gate_qubits"), "a read-out error of several qubits at once");
        in_place(error, [&] { return &model.set_readout(list[0], readout); });
    }
}

NoiseModel model_of(const nlohmann::json& document) {
    const JsonView root(document, "");
    // Older Aer writes a list of gates here; it says nothing of noise.
    expect_keys(root, {"errors", "x90_gates"});
    NoiseModel model;
    for (const JsonView& error : root.at("errors").elements()) {
        const std::string type = error.at("type").text();
        if (type == "qerror")
            add_quantum_error(model, error);
        else if (type == "roerror")
            add_readout_error(model, error);
        else
            unsupported(error.at("type"), fmt::format("errors of type \"{}\" are not known", type),
                        "Known: qerror, roerror.");
    }
    return model;
}

}  // namespace

NoiseModel aer_noise_from_json(const std::string& json, const std::string& file_name) {
    const nlohmann::json document = parse_json(json, file_name);
    try {
        return model_of(document);
    } catch (const Error& error) {
        throw error.with_context(file_name);
    }
}

NoiseModel read_aer_noise(const std::string& path) { return aer_noise_from_json(read_file(path), path); }

}  // namespace qdcnn::sim
