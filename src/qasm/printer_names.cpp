#include "printer_names.h"

#include <fmt/format.h>

#include "token.h"

namespace qdcnn::qasm {

using namespace circuit;

namespace {

bool is_version_2(const DialectRow& dialect) { return dialect.version == "2.0"; }

bool is_name_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/// Names given out so far; those of gates are taken from the start because readers keep gates and variables
/// in one table.
class NameTable {
  public:
    explicit NameTable(const DialectRow& dialect) : version_2_(is_version_2(dialect)) {
        for (const GateRow& row : gate_table()) {
            taken_.emplace(row.name);
            for (const auto alias : row.aliases) taken_.emplace(alias);
        }
        // Of qelib1.inc and stdgates.inc, beyond the table.
        for (const char* name : {"u0", "cu3", "rccx", "rc3x", "c3x", "c3sqrtx", "c4x", "gphase"})
            taken_.emplace(name);
        if (dialect.qubits == QubitStyle::device_register) taken_.emplace("q");
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

constexpr GateId kFirstQelib[] = {GateId::u2,  GateId::cx, GateId::id,  GateId::x,   GateId::y,
                                  GateId::z,   GateId::h,  GateId::s,   GateId::sdg, GateId::t,
                                  GateId::tdg, GateId::rx, GateId::ry,  GateId::rz,  GateId::cz,
                                  GateId::cy,  GateId::ch, GateId::ccx, GateId::crz};
// Qiskit's file has these beside.
constexpr GateId kLaterQelib[] = {GateId::swap, GateId::cswap, GateId::crx,  GateId::cry, GateId::cu,
                                  GateId::csx,  GateId::sx,    GateId::sxdg, GateId::rxx, GateId::rzz};

template <std::size_t N>
bool contains(const GateId (&gates)[N], GateId gate) {
    for (const GateId other : gates)
        if (other == gate) return true;
    return false;
}

}  // namespace

PrintedNames printed_names(const Circuit& circuit, const DialectRow& dialect) {
    NameTable table(dialect);
    PrintedNames names;
    const auto give = [&](const std::string& wanted, std::string_view what) {
        std::string name = table.give(wanted);
        if (name != wanted) {
            std::string shown = wanted;
            for (char& c : shown)
                if (static_cast<unsigned char>(c) < 0x20) c = '?';
            names.remarks.push_back(fmt::format("// {} \"{}\" is called {} here.", what, shown, name));
        }
        return name;
    };
    for (const std::string& parameter : circuit.parameters())
        names.parameters.push_back(give(parameter, "Parameter"));
    if (dialect.qubits == QubitStyle::registers)
        for (const Register& reg : circuit.qubit_registers())
            names.qubit_registers.push_back(give(reg.name, "Register"));
    for (const Register& reg : circuit.clbit_registers())
        names.clbit_registers.push_back(give(reg.name, "Register"));
    return names;
}

std::string_view native_name(GateId gate, const DialectRow& dialect) {
    if (!is_version_2(dialect)) {
        if (gate == GateId::u) return "U";
        return gate_row(gate).in_stdgates ? gate_row(gate).name : std::string_view{};
    }
    if (gate == GateId::u) return "u3";
    if (gate == GateId::p) return "u1";
    if (gate == GateId::cp) return "cu1";
    return contains(kFirstQelib, gate) ? gate_row(gate).name : std::string_view{};
}

bool is_written_out(GateId gate, const DialectRow& dialect) {
    return is_version_2(dialect) && contains(kLaterQelib, gate);
}

}  // namespace qdcnn::qasm
