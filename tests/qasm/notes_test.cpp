#include <gtest/gtest.h>

#include "qdcnn/base/error.h"
#include "qdcnn/qasm/passes.h"
#include "qdcnn/qasm/printer.h"
#include "qdcnn/qasm/reader.h"

// Pragmas, annotations and boxes: kept, and printed again where a dialect can say them.
namespace qdcnn::qasm {
namespace {

using namespace circuit;

Circuit read(const std::string& text) { return read_qasm(text, "test.qasm"); }

std::string printed(const std::string& text, Dialect dialect) {
    return print_qasm(read(text), {.dialect = dialect});
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

std::string message_of(const std::function<void()>& function) {
    try {
        function();
    } catch (const Error& error) {
        return std::string(error.what()) + " " + error.hint();
    }
    return "nothing was thrown";
}

const std::string kRemarks = R"(OPENQASM 3.0;
include "stdgates.inc";
@about the bits
@twice (2)
bit[2] c;
@about the qubits
qubit[2] q;
#pragma own "remark"
@keep together
h q[0];
#pragma braket result probability
if (c[0]) {
    @inner one
    x q[1];
}
)";

TEST(Notes, RemarksComeBackWhereTheyStood) { EXPECT_EQ(printed(kRemarks, Dialect::full), kRemarks); }

TEST(Notes, DialectsLeaveOutRemarksThatTheyHaveNoWordFor) {
    for (const DialectRow& row : dialects()) {
        if (!row.has_branches || !row.has_bit_conditions) continue;
        const std::string text = printed(kRemarks, row.dialect);
        EXPECT_EQ(has(text, "#pragma own"), row.has_pragmas) << text;
        EXPECT_EQ(has(text, "#pragma braket result"), row.has_pragmas || row.has_braket_pragmas) << text;
        for (const char* line : {"@about the bits", "@keep together", "@inner one"})
            EXPECT_EQ(has(text, line), row.has_annotations) << text;
        EXPECT_EQ(has(text, "@about the qubits"), row.has_annotations && row.qubits == QubitStyle::registers)
            << text;
    }
}

TEST(Notes, AnnotationsOfDefinitionsGoWithThem) {
    const std::string text =
        printed("@a\ngate g q { x q; }\n@b\nconst int n = 2;\n@c\ndef f(qubit q) { x q; }\nqubit q; f(q);",
                Dialect::full);
    EXPECT_FALSE(has(text, "@")) << text;
}

TEST(Notes, AnAnnotationWithoutAStatementIsAnError) {
    EXPECT_TRUE(has(message_of([] { read("qubit q;\n@a\n"); }), "after the annotation"));
    EXPECT_TRUE(
        has(message_of([] { read("qubit q; bit c; if (c) { x q;\n@a\n}"); }), "after the annotation"));
}

TEST(Notes, AnnotationsStandBeforeAStatementOrNowhere) {
    const std::string text =
        "qubit q; bit c; c = measure q;\nif (c) {\n@a\n#pragma p\nx q;\n@b\n#pragma last\n}\n";
    EXPECT_TRUE(
        has(printed(text + "@c\n#pragma e\n", Dialect::full), "    #pragma p\n    @a\n    x q[0];\n"));
    for (const DialectRow& row : dialects()) {
        if (!row.has_branches || !row.has_bit_conditions) continue;
        EXPECT_NO_THROW(read(printed(text, row.dialect))) << row.name;
    }
    // A condition that never holds leaves nothing behind.
    Circuit circuit(1, 1);
    circuit.add(Barrier{{}, std::make_shared<const Note>(Note{.kind = Note::Kind::remark, .text = "@a"})});
    circuit.if_else({{0, 0}, 1}, [](Circuit& body) { body.x(0); });
    EXPECT_FALSE(has(print_qasm(circuit, {.dialect = Dialect::full}), "@a"));
}

TEST(Notes, RemarksTakeNoTimeAndNoQubits) {
    const Circuit circuit = read(kRemarks);
    EXPECT_EQ(metrics(circuit).depth, metrics(read("qubit[2] q; bit[2] c; h q[0]; if (c[0]) x q[1];")).depth);
    EXPECT_TRUE(read("qubit q;\n#pragma a\nx q;").is_unitary());
}

const std::string kBoxes = R"(OPENQASM 3.0;
include "stdgates.inc";
qubit[2] q;
box[100ns] {
    h q[0];
    box {
        cx q[0], q[1];
    }
}
)";

TEST(Notes, BoxesKeepTheirDuration) {
    EXPECT_EQ(printed(kBoxes, Dialect::full), kBoxes);
    EXPECT_TRUE(has(printed("qubit q; box[30dt] { x q; }", Dialect::qiskit), "box[30dt] {"));
    const Circuit circuit = read(kBoxes);
    const auto& edge = std::get<Barrier>(circuit.operations().back().kind());
    EXPECT_EQ(edge.note->duration, 100e-9);
    EXPECT_EQ(edge.qubits, (std::vector<Qubit>{0, 1}));
}

TEST(Notes, ABoxWithoutDurationIsTwoBarriersWhereThereAreNoBoxes) {
    const std::string text = printed("qubit[2] q; box { x q[0]; }", Dialect::portable);
    EXPECT_FALSE(has(text, "box")) << text;
    EXPECT_TRUE(has(text, "barrier q[0];\nx q[0];\nbarrier q[0];")) << text;
    const std::string message = message_of([] { printed(kBoxes, Dialect::portable); });
    EXPECT_TRUE(has(message, "a box with a duration")) << message;
    EXPECT_TRUE(has(message, "full, qiskit, qiskit-isa")) << message;
}

TEST(Notes, AnInverseTurnsBoxesRound) {
    const std::string text = print_qasm(read(kBoxes).inverse(), {.dialect = Dialect::full});
    EXPECT_TRUE(has(text, "box[100ns] {\n    box {\n        cx q[0], q[1];\n    }\n    h q[0];\n}\n"))
        << text;
}

TEST(Notes, BoxesThatAPassHasPulledApartAreBarriers) {
    Circuit circuit = read("qubit[2] q; box { x q[0]; } x q[1];");
    auto& operations = circuit.mutable_operations();
    std::swap(operations[2], operations[3]);
    const std::string text = print_qasm(circuit, {.dialect = Dialect::full});
    EXPECT_TRUE(has(text, "barrier q[0];\nx q[0];\nx q[1];\nbarrier q[0];")) << text;
}

TEST(Notes, DurationsOfBoxesAreChecked) {
    EXPECT_TRUE(has(message_of([] { read("qubit q; box[3] { x q; }"); }), "needs a duration"));
    EXPECT_TRUE(has(message_of([] { read("qubit q; box[-3ns] { x q; }"); }), "less than no time"));
}

const std::string kVerbatim = R"(OPENQASM 3.0;
bit[2] c;
h $0;
#pragma braket verbatim
box {
    rx(0.5) $0;
    iswap $0, $1;
    rx(0.0) $0;
    rx(0.0) $0;
    prx(0.5, 0.25) $1;
}
c[0] = measure $0;
c[1] = measure $1;
)";

TEST(Notes, VerbatimBoxesComeBackGateByGate) {
    EXPECT_EQ(printed(kVerbatim, Dialect::braket), kVerbatim);
    const std::string full = printed(kVerbatim, Dialect::full);
    EXPECT_TRUE(has(full, "#pragma braket verbatim\nbox {\n    rx(0.5) $0;\n    iswap $0, $1;\n")) << full;
    EXPECT_EQ(printed(full, Dialect::full), full);
    EXPECT_EQ(printed(full, Dialect::braket), kVerbatim);
}

TEST(Notes, OtherDialectsHaveTheBoxWithoutThePragma) {
    for (const DialectRow& row : dialects()) {
        if (row.has_braket_pragmas) continue;
        const std::string text = printed(kVerbatim, row.dialect);
        EXPECT_FALSE(has(text, "pragma")) << text;
        EXPECT_EQ(has(text, "box {"), row.has_boxes) << text;
        EXPECT_EQ(has(text, "barrier"), !row.has_boxes) << text;
    }
    EXPECT_TRUE(has(message_of([] { with_measurements_deferred(read(kVerbatim)); }), "verbatim"));
}

TEST(Notes, AVerbatimBoxWhoseGatesAreTakenApartIsNoneAnyMore) {
    const std::string head = "gate own a { x a; x a; }\n#pragma braket verbatim\nbox { ";
    const std::pair<const char*, const char*> bodies[] = {
        {"x $0; own $0; }", "gate own"}, {"xy(0.5) $0, $1; }", "gate xy"}, {"ctrl @ x $0, $1; }", "gate x,"}};
    for (const auto& [body, gate] : bodies)
        for (const Dialect dialect : {Dialect::full, Dialect::braket}) {
            const std::string message = message_of([&, body = body] { printed(head + body, dialect); });
            EXPECT_TRUE(has(message, "the verbatim box around")) << message;
            EXPECT_TRUE(has(message, gate)) << message;
            EXPECT_NO_THROW(printed(head + body, Dialect::qiskit));
        }
    EXPECT_TRUE(has(message_of([&] { printed(head + "rzx(0.5) $0, $1; }", Dialect::braket); }),
                    "gate rzx in a verbatim box"));
}

TEST(Notes, TheVerbatimPragmaWantsABox) {
    for (const char* rest : {"x q;", "", "gate g a { x a; }", "#pragma other\n box { x q; }"})
        EXPECT_TRUE(has(message_of([&] { read(std::string("qubit q;\n#pragma braket verbatim\n") + rest); }),
                        "stands before a box"))
            << rest;
}

TEST(Notes, PragmasThatChangeTheCircuitAreRefused) {
    EXPECT_TRUE(has(message_of([] { read("qubit q;\n#pragma braket unitary([[0, 1], [1, 0]]) q\n"); }),
                    "braket unitary"));
    EXPECT_TRUE(
        has(message_of([] { read("qubit q;\n#pragma braket noise bit_flip(0.1) q\n"); }), "braket noise"));
}

}  // namespace
}  // namespace qdcnn::qasm
