#include "qdcnn/qasm/translate.h"

#include "lowering.h"
#include "program_printer.h"

namespace qdcnn::qasm {
namespace {

using namespace circuit;

/// The circuit without its operations, which `take` gets.
Circuit read_piecewise(const std::string& text, const std::string& file_name, const ReadOptions& limits,
                       const Lowering::TakeOperations& take) {
    Sources sources;
    Report report(sources, true, 1);
    Lowering lowering(sources, report, limits, take);
    Circuit frame;
    reporting(report, [&] {
        lowering.read(sources.add_view(file_name, text), false);
        frame = lowering.finish();
    });
    return frame;
}

/// A barrier over all physical qubits, whose number shows at the end only.
bool is_open_barrier(const Operation& operation) {
    const auto* barrier = std::get_if<Barrier>(&operation.kind());
    return barrier != nullptr && barrier->qubits.empty() && !barrier->note;
}

}  // namespace

void translate_qasm(const std::string& text, const std::string& file_name, const PrintOptions& options,
                    const WriteText& write, const ReadOptions& limits) {
    Outline outline;
    bool needs_all = options.is_verbatim;
    const Circuit frame = read_piecewise(text, file_name, limits, [&](std::span<const Operation> operations) {
        outline.add(operations);
        for_each_operation(operations, [&](const Operation& operation) {
            needs_all = needs_all || is_open_barrier(operation);
        });
    });
    if (needs_all) return print_qasm(read_qasm(text, file_name, limits), options, write);
    ProgramPrinter printer(frame, outline, options, write);
    printer.begin();
    read_piecewise(text, file_name, limits,
                   [&](std::span<const Operation> operations) { printer.body(operations); });
    printer.end();
}

}  // namespace qdcnn::qasm
