#include "printer_names.h"

#include <fmt/format.h>

#include <set>

#include "token.h"

namespace qdcnn::qasm {

using namespace circuit;

namespace {

/// A name as a comment line can hold it.
std::string shown(std::string name) {
    for (char& c : name)
        if (static_cast<unsigned char>(c) < 0x20) c = '?';
    return name;
}

bool is_name_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/// Names given out so far; those of gates are taken from the start because readers keep gates and variables
/// in one table.
class NameTable {
  public:
    NameTable(const DialectRow& dialect, QubitStyle style) : version_2_(dialect.version == "2.0") {
        for (const GateRow& row : gate_table()) {
            taken_.emplace(row.name);
            for (const auto alias : row.aliases) taken_.emplace(alias);
        }
        // Of qelib1.inc and stdgates.inc, beyond the table.
        for (const char* name : {"u0", "cu3", "rccx", "rc3x", "c3x", "c3sqrtx", "c4x", "gphase"})
            taken_.emplace(name);
        for (const auto name : dialect.reserved) taken_.emplace(name);
        if (style == QubitStyle::device_register) taken_.emplace("q");
    }

    std::string give(const std::string& wanted) {
        std::string name = wanted;
        for (char& c : name)
            if (!is_name_character(c)) c = '_';
        if (name.empty() || (name[0] >= '0' && name[0] <= '9')) name = "_" + name;
        // Version 2 has names that begin with a small letter only.
        if (version_2_ && !(name[0] >= 'a' && name[0] <= 'z')) name = "r" + name;
        while (!is_plain_name(name) || taken_.count(name) > 0) name += "_";
        taken_.insert(name);
        return name;
    }

  private:
    bool version_2_;
    std::set<std::string, std::less<>> taken_;
};

}  // namespace

PrintedNames printed_names(const Circuit& circuit, const DialectRow& dialect, QubitStyle style) {
    NameTable table(dialect, style);
    PrintedNames names;
    const auto give = [&](const std::string& wanted, std::string_view what) {
        std::string name = table.give(wanted);
        if (name != wanted)
            names.remarks.push_back(
                fmt::format("// {} \"{}\" is called {} here.", what, shown(wanted), name));
        return name;
    };
    const auto give_all = [&](std::vector<Register> registers) {
        for (Register& reg : registers) reg.name = give(reg.name, "Register");
        return registers;
    };
    for (const std::string& parameter : circuit.parameters())
        names.parameters.push_back(give(parameter, "Parameter"));
    if (style == QubitStyle::registers) names.qubits = give_all(circuit.qubit_registers());
    std::vector<Register> with_bits;
    for (const Register& reg : circuit.clbit_registers())
        if (reg.size > 0) with_bits.push_back(reg);
    if (dialect.has_several_registers || with_bits.size() < 2) {
        names.clbits = give_all(circuit.clbit_registers());
        return names;
    }
    names.clbits = {{.name = table.give("c"), .size = circuit.num_clbits()}};
    for (const Register& reg : with_bits) {
        const std::string bits = reg.size == 1 ? fmt::format("{}", reg.offset)
                                               : fmt::format("{}:{}", reg.offset, reg.offset + reg.size - 1);
        names.remarks.push_back(
            fmt::format("// Register \"{}\" is {}[{}] here.", shown(reg.name), names.clbits[0].name, bits));
    }
    return names;
}

}  // namespace qdcnn::qasm
