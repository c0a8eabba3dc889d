// qasm/native, qasm/braket and qasm/golden say what the tables and the models say.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <regex>
#include <set>

#include "cli/run_cli.h"
#include "cli/temporary_folder.h"
#include "qdcnn/base/files.h"
#include "qdcnn/base/random.h"
#include "qdcnn/circuit/unitary.h"
#include "qdcnn/qasm/reader.h"
#include "qdcnn/target/devices.h"

namespace qdcnn::test {
namespace {

using namespace circuit;

const std::filesystem::path kFolder = std::filesystem::path(QDCNN_SOURCE_DIR) / "qasm";

std::vector<std::filesystem::path> files_of(const std::string& folder, const std::string& extension) {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(kFolder / folder))
        if (entry.path().extension() == extension) files.push_back(entry.path());
    EXPECT_FALSE(files.empty());
    return files;
}

/// The names that a text defines. Every body is applied under a name that no table knows and compared with
/// the table's gate.
std::set<std::string> checked_definitions(const std::string& text, const std::string& file) {
    static const std::regex kDefinition("gate (\\w+)(\\(([^)]*)\\))? ([^{]*) \\{");
    std::set<std::string> names;
    Random random(1);
    for (std::sregex_iterator one(text.begin(), text.end(), kDefinition), end; one != end; ++one) {
        const std::string name = (*one)[1];
        SCOPED_TRACE(file + ": " + name);
        names.insert(name);
        const GateRow* row = find_gate(name);
        if (row == nullptr) {
            ADD_FAILURE() << "the table has no such gate";
            continue;
        }
        std::string renamed = text;
        renamed.insert(static_cast<std::size_t>(one->position(1)), "body_of_");
        std::vector<double> angles;
        std::string call = "\nqubit[3] q;\nbody_of_" + name;
        for (int k = 0; k < row->parameters; ++k) {
            angles.push_back(random.uniform(-3, 3));
            call += fmt::format("{}{}", k == 0 ? "(" : ", ", angles.back());
        }
        if (row->parameters > 0) call += ")";
        for (int q = 0; q < row->qubits; ++q) call += fmt::format("{} q[{}]", q == 0 ? "" : ",", q);
        Circuit expected(3);
        Gate gate{row->id, {}, {}};
        for (int q = 0; q < row->qubits; ++q) gate.qubits.push_back(static_cast<Qubit>(q));
        for (const double angle : angles) gate.angles.emplace_back(angle);
        expected.add(gate);
        EXPECT_LT(distance_up_to_phase(unitary_of(qasm::read_qasm(renamed + call + ";\n", file)),
                                       unitary_of(expected)),
                  1e-14);
    }
    EXPECT_FALSE(names.empty()) << file;
    return names;
}

TEST(NativeSets, SayWhatTheGateTableSays) {
    std::set<std::string> names;
    for (const auto& path : files_of("native", ".inc"))
        names.merge(checked_definitions(read_file(path.string()), path.filename().string()));
    for (const std::string& device : target::bundled_devices())
        for (const target::NativeGate& native : target::load_target(device).native_gates)
            EXPECT_TRUE(names.count(native.name) > 0) << native.name << " of " << device;
}

TEST(NativeSets, AreIncludedByTheirNames) {
    for (const auto& path : files_of("native", ".inc")) {
        const std::string text =
            fmt::format("OPENQASM 3.0;\ninclude \"{}\";\nqubit q;\n", path.filename().string());
        EXPECT_TRUE(qasm::check_qasm(text, (path.parent_path() / "program.qasm").string()).empty()) << path;
    }
}

TEST(BraketsInclude, SaysWhatTheGateTableSays) {
    const auto names =
        checked_definitions(read_file((kFolder / "braket/stdgates.inc").string()), "stdgates.inc");
    // With Braket's own words these are all of stdgates.inc.
    for (const GateRow& row : gate_table())
        if (row.in_stdgates && std::set<std::string_view>{"x", "y", "z", "h", "s", "t", "rx", "ry", "rz",
                                                          "cy", "cz", "swap", "cswap"}
                                       .count(row.name) == 0) {
            EXPECT_TRUE(names.count(std::string(row.name)) > 0 || row.name == "u") << row.name;
        }
}

/// The circuits of the models, unbound: training has no part in them.
TEST(Golden, ModelsEmitTheirCircuits) {
    const TemporaryFolder folder;
    for (const std::string model : {"staged", "coherent"}) {
        const std::string file = folder.file(model + ".json"), out = folder.file(model);
        ASSERT_EQ(
            run_cli({"train", "--data", "builtin:food-it", "--epochs", "1", "--model", model, "-o", file})
                .code,
            0);
        ASSERT_EQ(run_cli({"emit", "--model", file, "--sentence", "sister grills new bread", "--template",
                           "--dialect", "full", "-o", out})
                      .code,
                  0);
        std::size_t circuits = 0;
        for (const auto& entry : std::filesystem::directory_iterator(out)) {
            if (entry.path().extension() != ".qasm") continue;
            ++circuits;
            const auto golden = kFolder / "golden" / (model + "-" + entry.path().filename().string());
            const std::string text = read_file(entry.path().string());
            const bool is_same = std::filesystem::exists(golden) && read_file(golden.string()) == text;
            EXPECT_TRUE(is_same) << golden << " and " << golden.string() + ".new";
            if (!is_same) write_file_atomic(golden.string() + ".new", text);
        }
        EXPECT_GT(circuits, 0u);
    }
}

}  // namespace
}  // namespace qdcnn::test
