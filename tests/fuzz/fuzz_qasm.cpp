#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "qdcnn/base/error.h"
#include "qdcnn/qasm/passes.h"
#include "qdcnn/qasm/printer.h"
#include "qdcnn/qasm/reader.h"

// Any bytes are read or refused with a place; what is read prints, and what is printed prints the same again.
// One other dialect, chosen by the text's length and a byte of it, refuses with a hint or prints what is read
// back; as often the measurements are deferred before. Corpus: tests/qasm/constructs; words:
// tests/fuzz/qasm.dict.
namespace {

constexpr qdcnn::qasm::ReadOptions kLimits{.max_qubits = 64,
                                           .max_clbits = 256,
                                           .max_names = 64,
                                           .max_expansion = 500,
                                           .max_loop_turns = 40,
                                           .max_nesting = 40,
                                           .max_diagnostics = 5,
                                           .read_includes = false};

[[noreturn]] void fail(const char* what, const std::string& text) {
    std::fprintf(stderr, "%s\n%s\n", what, text.c_str());
    std::abort();
}

// Printed text is longer than what it was read from.
constexpr qdcnn::qasm::ReadOptions kWide{.max_qubits = 10'000,
                                         .max_clbits = 10'000,
                                         .max_names = 5'000,
                                         .max_expansion = 1'000'000,
                                         .max_nesting = 250,
                                         .read_includes = false};

/// A loop on a variable that nothing writes never ends; where the variable has its type back, the reader sees
/// that.
bool is_endless_loop(const qdcnn::Error& error) {
    const std::string message = error.what();
    return message.find("turns") != std::string::npos || message.find("never ends") != std::string::npos;
}

void print_and_read(const qdcnn::circuit::Circuit& circuit, qdcnn::qasm::Dialect dialect) {
    using namespace qdcnn;
    std::string printed;
    try {
        printed = qasm::print_qasm(circuit, {.dialect = dialect});
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::unsupported || error.hint().empty())
            fail("printing failed", error.what());
        return;
    }
    try {
        qasm::read_qasm(printed, "printed", kWide);
    } catch (const Error& error) {
        if (!is_endless_loop(error)) fail(error.what(), printed);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace qdcnn;
    const std::string text(reinterpret_cast<const char*>(data), size);
    circuit::Circuit circuit;
    try {
        circuit = qasm::read_qasm(text, "input", kLimits);
    } catch (const Error& error) {
        if (error.kind() == ErrorKind::internal) fail("an internal error", error.what());
        if (qasm::check_qasm(text, "input", kLimits).empty())
            fail("check takes what read refuses", error.what());
        return 0;
    }
    if (!qasm::check_qasm(text, "input", kLimits).empty()) fail("check refuses what read takes", text);
    std::string printed;
    try {
        printed = qasm::print_qasm(circuit);
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::unsupported) fail("printing failed", error.what());
        return 0;
    }
    std::string again;
    try {
        again = qasm::print_qasm(qasm::read_qasm(printed, "printed", kWide));
    } catch (const Error& error) {
        if (is_endless_loop(error)) return 0;
        fail(error.what(), printed);
    }
    // Constants are folded once; from then on nothing changes.
    if (again != printed) {
        const std::string third = qasm::print_qasm(qasm::read_qasm(again, "again", kWide));
        if (third != again) fail("printing does not settle", printed + "\n" + again + "\n" + third);
    }
    const std::size_t choice = size + (size > 0 ? data[size / 2] : 0);
    const std::size_t dialects = qasm::dialects().size();
    if (choice % (dialects + 1) < dialects) {
        print_and_read(circuit, qasm::dialects()[choice % (dialects + 1)].dialect);
        return 0;
    }
    try {
        print_and_read(qasm::with_measurements_deferred(circuit, 1'000), qasm::Dialect::qiskit_rust);
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::unsupported) fail("deferring failed", error.what());
    }
    return 0;
}
