#include <fmt/format.h>

#include <algorithm>

#include "lowering.h"

// What a program says to its readers beside what it computes: pragmas, annotations, boxes. They become notes
// on barriers.
namespace qdcnn::qasm {

using namespace circuit;

namespace {

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view kBlanks = " \t\r\f\v";
    const std::size_t first = text.find_first_not_of(kBlanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(kBlanks) + 1 - first);
}

/// Whether the text begins with these words; what follows them stays.
bool takes_words(std::string_view& text, std::initializer_list<std::string_view> words) {
    std::string_view rest = text;
    for (const std::string_view word : words) {
        if (!rest.starts_with(word)) return false;
        rest.remove_prefix(word.size());
        if (!rest.empty() && rest[0] != ' ' && rest[0] != '\t' && rest[0] != '(') return false;
        rest = trimmed(rest);
    }
    text = rest;
    return true;
}

}  // namespace

void Lowering::drop_notes() {
    annotations_.clear();
    if (!verbatim_) return;
    const Place place = *verbatim_;
    verbatim_.reset();
    throw Failure{ErrorKind::invalid_input, "the pragma braket verbatim stands before a box", place};
}

void Lowering::note(Note note, std::vector<Qubit> qubits, Place place) {
    charge(1 + qubits.size(), place);
    output_.operations->push_back(Barrier{std::move(qubits), std::make_shared<const Note>(std::move(note))});
}

void Lowering::pragma(const Pragma& pragma, Place place) {
    std::string_view text = trimmed(pragma.text);
    if (takes_words(text, {"braket", "verbatim"})) {
        verbatim_ = place;
        return;
    }
    // These change what the circuit is.
    for (const std::string_view word : {"unitary", "noise"})
        if (takes_words(text, {"braket", word}))
            throw Failure{
                ErrorKind::unsupported,
                fmt::format("the pragma braket {} puts something into the circuit that is not read", word),
                place, "Write it as gates; noise goes with qdcnn simulate --noise."};
    // Formatted, a line of 100 MB would be copied again and again as it grows.
    if (!output_.is_unitary)
        note({.kind = Note::Kind::remark, .text = std::string("#pragma ").append(text)}, {}, place);
}

void Lowering::annotate(const Annotation& annotation) {
    if (!output_.is_unitary) annotations_.push_back(std::string("@").append(trimmed(annotation.text)));
}

void Lowering::lower_noted(const Statement& statement) {
    if (const auto* annotation = std::get_if<Annotation>(&statement.kind)) return annotate(*annotation);
    if (verbatim_ && !std::holds_alternative<BoxStatement>(statement.kind)) drop_notes();
    std::vector<std::string> lines = std::exchange(annotations_, {});
    if (std::holds_alternative<Pragma>(statement.kind)) {
        // Annotations are not of pragmas; the statement behind has them.
        lower_kind(statement);
        annotations_ = std::move(lines);
        return;
    }
    const auto declared = [&](const NameAt& name) {
        lower_kind(statement);
        circuit_.annotate_register(std::string(name.text), lines);
    };
    if (const auto* qubits = std::get_if<QubitDeclaration>(&statement.kind)) return declared(qubits->name);
    if (const auto* bits = std::get_if<BitDeclaration>(&statement.kind)) return declared(bits->name);
    std::vector<Operation>& operations = *output_.operations;
    for (const std::string& line : lines)
        note({.kind = Note::Kind::remark, .text = line}, {}, statement.place);
    const std::size_t before = operations.size();
    if (const auto* inner = std::get_if<BoxStatement>(&statement.kind))
        box(*inner, statement.place);
    else
        lower_kind(statement);
    // Nothing is left of the statement that they belong to.
    if (operations.size() == before) operations.resize(before - lines.size());
}

void Lowering::box(const BoxStatement& statement, Place place) {
    require_not_in_gate("a box", place);
    Note edge{.kind = Note::Kind::box_begins, .is_verbatim = verbatim_.has_value()};
    verbatim_.reset();
    if (statement.duration) {
        const Value value = evaluate(*statement.duration);
        const auto* duration = std::get_if<Duration>(&value);
        if (duration == nullptr)
            throw Failure{ErrorKind::invalid_input,
                          fmt::format("a box needs a duration such as 100ns, not {}", type_name(value)),
                          statement.duration->place};
        if (duration->value < 0)
            throw Failure{ErrorKind::invalid_input, "a box cannot take less than no time",
                          statement.duration->place};
        edge.duration = duration->value;
        edge.unit = duration->unit;
    }
    std::vector<Operation> operations;
    {
        const FrameScope frame(*this, {});
        const OutputScope scope(*this, {&operations, output_.phase, false, output_.is_exact, true});
        const Temporarily verbatim(is_in_verbatim_box_, is_in_verbatim_box_ || edge.is_verbatim);
        if (edge.is_verbatim) taken_apart_ = {};
        lower_block(statement.body);
    }
    if (edge.is_verbatim) edge.text = taken_apart_;
    if (operations.empty()) return;
    std::vector<Qubit> touched;
    for (const Operation& operation : operations) {
        const std::vector<Qubit> qubits = circuit::qubits_of(operation);
        touched.insert(touched.end(), qubits.begin(), qubits.end());
    }
    std::sort(touched.begin(), touched.end());
    touched.erase(std::unique(touched.begin(), touched.end()), touched.end());
    note(edge, touched, place);
    std::move(operations.begin(), operations.end(), std::back_inserter(*output_.operations));
    edge.kind = Note::Kind::box_ends;
    note(std::move(edge), std::move(touched), place);
}

}  // namespace qdcnn::qasm
