#include <fmt/format.h>

#include <algorithm>

#include "program_printer.h"
#include "qdcnn/base/error.h"

// What a circuit says to its readers beside what it computes: boxes, pragmas, annotations.
namespace qdcnn::qasm {

using namespace circuit;

bool boxes_hold(std::span<const Operation> operations) {
    std::vector<std::vector<Qubit>> open;
    const auto sorted = [](std::vector<Qubit> qubits) {
        std::sort(qubits.begin(), qubits.end());
        return qubits;
    };
    for (const Operation& operation : operations) {
        const auto* barrier = std::get_if<Barrier>(&operation.kind());
        const bool is_edge = barrier != nullptr && barrier->note && barrier->note->kind != Note::Kind::remark;
        const bool ends = is_edge && barrier->note->kind == Note::Kind::box_ends;
        if (ends && (open.empty() || open.back() != sorted(barrier->qubits))) return false;
        if (ends) {
            open.pop_back();
            continue;
        }
        if (!open.empty())
            for (const Qubit qubit : circuit::qubits_of(operation))
                if (!std::binary_search(open.back().begin(), open.back().end(), qubit)) return false;
        if (is_edge) open.push_back(sorted(barrier->qubits));
    }
    return open.empty();
}

void ProgramPrinter::note(const Barrier& barrier) {
    const Note& note = *barrier.note;
    if (note.kind == Note::Kind::remark) return remark(note.text);
    const bool is_verbatim = note.is_verbatim && dialect_.has_braket_pragmas;
    if (is_verbatim && !note.text.empty())
        refuse(fmt::format("the verbatim box around gate {}, which is read as others", note.text),
               "Use gates of the table there, without modifiers, or take out the pragma.");
    if (is_verbatim && options_.is_verbatim) return;
    if ((is_verbatim || note.duration) && !boxes_hold_)
        refuse("boxes that overlap", "Take out the box or its duration.");
    if (!is_verbatim && (!dialect_.has_boxes || !boxes_hold_ || options_.is_verbatim)) {
        if (note.duration) refuse("a box with a duration", &DialectRow::has_boxes);
        return plain_barrier(barrier.qubits);
    }
    if (note.kind == Note::Kind::box_begins)
        open_box(note);
    else
        close_box(note);
}

void ProgramPrinter::remark(const std::string& text) {
    if (text.starts_with('@')) {
        if (dialect_.has_annotations) held_annotations_.push_back(text);
    } else if (dialect_.has_pragmas || (dialect_.has_braket_pragmas && text.starts_with("#pragma braket "))) {
        plain_line(text);
    }
}

void ProgramPrinter::open_box(const Note& note) {
    if (note.is_verbatim && dialect_.has_braket_pragmas) {
        plain_line("#pragma braket verbatim");
        is_in_verbatim_box_ = true;
    }
    line(note.duration ? fmt::format("box[{}] {{", duration_text(*note.duration, note.unit)) : "box {");
    ++indent_;
}

void ProgramPrinter::close_box(const Note& note) {
    close_block("}");
    if (note.is_verbatim) is_in_verbatim_box_ = false;
}

void ProgramPrinter::annotations(const Register& reg) {
    if (dialect_.has_annotations)
        for (const std::string& annotation : reg.annotations) line(annotation);
}

void ProgramPrinter::verbatim_body(std::span<const Operation> operations) {
    const Note verbatim{.kind = Note::Kind::box_begins, .is_verbatim = true};
    bool is_open = false;
    const auto close = [&] {
        if (is_open) close_box(verbatim);
        is_open = false;
    };
    for (const Operation& step : operations) {
        const bool is_inside =
            std::holds_alternative<Gate>(step.kind()) || std::holds_alternative<Barrier>(step.kind());
        if (condition_of(step) != nullptr) refuse("a branch around a verbatim box", "Leave out --verbatim.");
        if (!is_inside) close();
        if (is_inside && !is_open) {
            open_box(verbatim);
            is_open = true;
        }
        operation(step);
    }
    close();
}

}  // namespace qdcnn::qasm
