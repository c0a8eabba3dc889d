#include <string>
#include <vector>

#include "qdcnn/base/error.h"
#include "qdcnn/base/suggest.h"
#include "qdcnn/qasm/printer.h"

namespace qdcnn::qasm {
namespace {

using circuit::gate_row;
using circuit::GateId;

struct GateWord {
    GateId gate;
    std::string_view word;
};

template <std::size_t N>
constexpr std::string_view find_word(const GateWord (&words)[N], GateId gate) {
    for (const GateWord& row : words)
        if (row.gate == gate) return row.word;
    return {};
}

std::string_view word_of_stdgates(GateId gate) {
    if (gate == GateId::u) return "U";
    return gate_row(gate).in_stdgates ? gate_row(gate).name : std::string_view{};
}

// Qiskit's Rust importer knows the file's gates only, and not the built-in U.
std::string_view word_of_stdgates_alone(GateId gate) {
    if (gate == GateId::u) return "u3";
    return gate_row(gate).in_stdgates ? gate_row(gate).name : std::string_view{};
}

// The file as the paper on OpenQASM 2 prints it.
constexpr GateWord kFirstQelib[] = {
    {GateId::u, "u3"},    {GateId::p, "u1"},    {GateId::cp, "cu1"}, {GateId::u2, "u2"},   {GateId::cx, "cx"},
    {GateId::id, "id"},   {GateId::x, "x"},     {GateId::y, "y"},    {GateId::z, "z"},     {GateId::h, "h"},
    {GateId::s, "s"},     {GateId::sdg, "sdg"}, {GateId::t, "t"},    {GateId::tdg, "tdg"}, {GateId::rx, "rx"},
    {GateId::ry, "ry"},   {GateId::rz, "rz"},   {GateId::cz, "cz"},  {GateId::cy, "cy"},   {GateId::ch, "ch"},
    {GateId::ccx, "ccx"}, {GateId::crz, "crz"}};
std::string_view word_of_first_qelib(GateId gate) { return find_word(kFirstQelib, gate); }

// Qiskit's file has these beside, so that neither using nor defining their names is safe.
constexpr GateId kLaterQelib[] = {GateId::swap, GateId::cswap, GateId::crx,  GateId::cry, GateId::cu,
                                  GateId::csx,  GateId::sx,    GateId::sxdg, GateId::rxx, GateId::rzz};
bool is_of_later_qelib(GateId gate) {
    for (const GateId other : kLaterQelib)
        if (other == gate) return true;
    return false;
}

// https://docs.aws.amazon.com/braket/latest/developerguide/braket-openqasm-supported-features.html and the
// simulator's own table; angles are radians, also those of gpi, gpi2 and ms.
constexpr GateWord kBraket[] = {{GateId::id, "i"},        {GateId::x, "x"},       {GateId::y, "y"},
                                {GateId::z, "z"},         {GateId::h, "h"},       {GateId::s, "s"},
                                {GateId::sdg, "si"},      {GateId::t, "t"},       {GateId::tdg, "ti"},
                                {GateId::sx, "v"},        {GateId::sxdg, "vi"},   {GateId::p, "phaseshift"},
                                {GateId::rx, "rx"},       {GateId::ry, "ry"},     {GateId::rz, "rz"},
                                {GateId::r, "prx"},       {GateId::u, "U"},       {GateId::gpi, "gpi"},
                                {GateId::gpi2, "gpi2"},   {GateId::cx, "cnot"},   {GateId::cy, "cy"},
                                {GateId::cz, "cz"},       {GateId::csx, "cv"},    {GateId::swap, "swap"},
                                {GateId::iswap, "iswap"}, {GateId::ecr, "ecr"},   {GateId::cp, "cphaseshift"},
                                {GateId::rxx, "xx"},      {GateId::ryy, "yy"},    {GateId::rzz, "zz"},
                                {GateId::ms, "ms"},       {GateId::ccx, "ccnot"}, {GateId::cswap, "cswap"}};
std::string_view word_of_braket(GateId gate) { return find_word(kBraket, gate); }
constexpr std::string_view kBraketReserved[] = {
    "cphaseshift00", "cphaseshift01", "cphaseshift10", "pswap", "xy", "unitary", "measure_ff", "cc_prx"};

constexpr GateWord kBuiltIn[] = {{GateId::u, "U"}, {GateId::cp, "ctrl @ U"}};
std::string_view word_of_language(GateId gate) { return find_word(kBuiltIn, gate); }

bool never(GateId) { return false; }
bool always(GateId) { return true; }
bool is_on_several_qubits(GateId gate) { return gate_row(gate).qubits > 1; }

constexpr DialectRow kDialects[] = {
    {.dialect = Dialect::full,
     .name = "full",
     .description = "OpenQASM 3 with all that this program can say",
     .version = "3.0",
     .include = "stdgates.inc",
     .word = word_of_stdgates,
     .is_written_out = never,
     .parameter_type = "float[64]",
     .has_global_phase = true,
     .has_delay = true,
     .has_and = true,
     .has_expressions = true,
     .has_physical_qubits = true,
     .has_boxes = true,
     .has_annotations = true,
     .has_pragmas = true,
     .has_braket_pragmas = true,
     .has_verbatim_bodies = true},
    {.dialect = Dialect::qiskit,
     .name = "qiskit",
     .description = "what qiskit.qasm3.loads reads",
     .version = "3.0",
     .include = "stdgates.inc",
     .word = word_of_stdgates,
     .is_written_out = never,
     .parameter_type = "float[64]",
     .has_global_phase = true,
     .has_delay = true,
     .has_boxes = true,
     .has_annotations = true},
    {.dialect = Dialect::qiskit_isa,
     .name = "qiskit-isa",
     .description = "the same on physical qubits $n",
     .version = "3.0",
     .include = "stdgates.inc",
     .qubits = QubitStyle::physical,
     .word = word_of_stdgates,
     .is_written_out = never,
     .parameter_type = "float[64]",
     .has_global_phase = true,
     .has_delay = true,
     .has_boxes = true,
     .has_annotations = true},
    {.dialect = Dialect::ibm,
     .name = "ibm",
     .description = "what IBM's REST interface takes: one register q as wide as the device",
     .version = "3.0",
     .include = "stdgates.inc",
     .qubits = QubitStyle::device_register,
     .word = word_of_stdgates,
     .is_written_out = never,
     .parameter_type = "float[64]",
     .has_delay = true,
     .has_expressions = true},
    {.dialect = Dialect::qiskit_rust,
     .name = "qiskit-rust",
     .description = "what qiskit.qasm3.loads_experimental reads: the gates of stdgates.inc, barriers, "
                    "measurements",
     .version = "3.0",
     .include = "stdgates.inc",
     .word = word_of_stdgates_alone,
     .is_written_out = always,
     .has_reset = false,
     .has_branches = false,
     .has_loops = false},
    {.dialect = Dialect::braket,
     .name = "braket",
     .description = "Amazon Braket's gate names, no include, one classical register",
     .version = "3.0",
     .word = word_of_braket,
     .is_written_out = never,
     .reserved = kBraketReserved,
     .parameter_type = "float",
     .has_register_conditions = false,
     .has_and = true,
     .has_negation = false,
     .unset_bits = UnsetBits::declared_zero,
     .has_several_registers = false,
     .has_physical_qubits = true,
     .has_annotations = true,
     .has_braket_pragmas = true},
    {.dialect = Dialect::qasm2,
     .name = "qasm2",
     .description = "OpenQASM 2 with the gates of the first qelib1.inc",
     .version = "2.0",
     .include = "qelib1.inc",
     .word = word_of_first_qelib,
     .is_written_out = is_of_later_qelib,
     .has_else = false,
     .has_loops = false,
     .has_bit_conditions = false},
    // No reader of OpenQASM 3 has a gate on two qubits without an include but by ctrl @, and readers disagree
    // on the phase of U under it, but for U(0, 0, lambda): that is the controlled phase to all of them. It
    // stands in no body.
    {.dialect = Dialect::portable,
     .name = "portable",
     .description = "no include: U, bodies of gates on one qubit, and ctrl @ U(0, 0, lambda) written out",
     .version = "3.0",
     .word = word_of_language,
     .is_written_out = is_on_several_qubits,
     .parameter_type = "float[64]",
     .has_cx = false,
     .has_register_conditions = false,
     .has_negation = false,
     .unset_bits = UnsetBits::measured_zero,
     .has_several_registers = false},
};

}  // namespace

std::span<const DialectRow> dialects() { return kDialects; }

const DialectRow& dialect_row(Dialect dialect) { return kDialects[static_cast<std::size_t>(dialect)]; }

Dialect dialect_of(const std::string& name) {
    std::vector<std::string> names;
    for (const DialectRow& row : kDialects) {
        if (row.name == name) return row.dialect;
        names.emplace_back(row.name);
    }
    throw Error(ErrorKind::usage, "there is no dialect \"" + name + "\"", suggestion(name, names));
}

}  // namespace qdcnn::qasm
