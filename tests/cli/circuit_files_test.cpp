#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>

#include "cli/run_cli.h"
#include "qdcnn/base/files.h"
#include "qdcnn/qasm/printer.h"

namespace qdcnn::test {
namespace {

class CircuitFiles : public testing::Test {
  protected:
    CircuitFiles()
        : folder_(std::filesystem::temp_directory_path() /
                  fmt::format("qdcnn_circuit_files_{}", ::getpid())) {
        std::filesystem::create_directories(folder_);
    }
    ~CircuitFiles() override { std::filesystem::remove_all(folder_); }
    std::string path(const std::string& name) const { return (folder_ / name).string(); }
    std::string write(const std::string& name, const std::string& text) const {
        write_file_atomic(path(name), text);
        return path(name);
    }
    const std::string bell_ =
        "OPENQASM 2.0;\ninclude \"qelib1.inc\";\nqreg q[2];\ncreg c[2];\nh q[0];\ncx q[0],q[1];\nmeasure q "
        "-> c;\n";

  private:
    std::filesystem::path folder_;
};

TEST_F(CircuitFiles, CheckOfAGoodFile) {
    const std::string file = write("bell.qasm", bell_);
    const CliAnswer plain = run_cli({"check", file});
    EXPECT_EQ(plain.code, 0) << plain.err;
    EXPECT_EQ(plain.out, file + ": no errors\n");
    const CliAnswer json = run_cli({"check", file, "--json"});
    EXPECT_EQ(json.code, 0);
    EXPECT_EQ(nlohmann::json::parse(json.out),
              nlohmann::json::parse(R"({"schema":"qdcnn.check/1","ok":true,"diagnostics":[]})"));
    EXPECT_EQ(json.err, "");
}

TEST_F(CircuitFiles, CheckTellsAllErrorsWithExitCode3) {
    const std::string file = write("bad.qasm", "OPENQASM 3.0;\nqubit[2] q;\nhh q[0];\n  cx q[0], q[5];\n");
    const CliAnswer json = run_cli({"check", file, "--json"});
    EXPECT_EQ(json.code, 3);
    const auto answer = nlohmann::json::parse(json.out);
    EXPECT_EQ(answer.at("schema"), "qdcnn.check/1");
    EXPECT_EQ(answer.at("ok"), false);
    ASSERT_EQ(answer.at("diagnostics").size(), 2u);
    const auto& first = answer.at("diagnostics")[0];
    EXPECT_EQ(first.at("line"), 3);
    EXPECT_EQ(first.at("column"), 1);
    EXPECT_EQ(first.at("message"), "gate \"hh\" is not known");
    EXPECT_EQ(first.at("hint"), "Did you mean \"h\"?");
    EXPECT_EQ(answer.at("diagnostics")[1].at("column"), 14);
    const CliAnswer plain = run_cli({"check", file});
    EXPECT_EQ(plain.code, 3);
    EXPECT_NE(plain.out.find(file + ":4:14: index 5 is out of range"), std::string::npos) << plain.out;
    EXPECT_NE(plain.out.find("      cx q[0], q[5];\n                 ^"), std::string::npos) << plain.out;
    EXPECT_NE(plain.out.find("2 error(s)"), std::string::npos) << plain.out;
}

TEST_F(CircuitFiles, CheckOfNoFile) {
    const CliAnswer answer = run_cli({"check", path("none.qasm"), "--json"});
    EXPECT_EQ(answer.code, 3);
    EXPECT_EQ(answer.out, "");
    EXPECT_EQ(nlohmann::json::parse(answer.err).at("kind"), "not_found");
}

TEST_F(CircuitFiles, EmitWritesEveryDialect) {
    const std::string file = write("bell.qasm", bell_);
    for (const qasm::DialectRow& row : qasm::dialects()) {
        const std::string output = path(fmt::format("out_{}.qasm", row.name));
        const CliAnswer answer = run_cli({"emit", file, "--dialect", std::string(row.name), "-o", output});
        EXPECT_EQ(answer.code, 0) << answer.err;
        EXPECT_NE(read_file(output).find(fmt::format("OPENQASM {};", row.version)), std::string::npos);
        EXPECT_EQ(run_cli({"check", output}).code, 0) << row.name;
    }
}

TEST_F(CircuitFiles, EmitOfABadFileWritesNothingAndSaysWhere) {
    const std::string file =
        write("bad.qasm", "OPENQASM 3.0;\nqubit[2] q;\nx q[0];\nextern f(int) -> int;\n");
    const CliAnswer answer = run_cli({"emit", file, "--dialect", "qiskit", "-o", path("out.qasm"), "--json"});
    EXPECT_EQ(answer.code, 3);
    const auto error = nlohmann::json::parse(answer.err);
    EXPECT_EQ(error.at("kind"), "unsupported");
    EXPECT_EQ(error.at("position").at("file"), file);
    EXPECT_EQ(error.at("position").at("line"), 4);
    EXPECT_EQ(error.at("position").at("column"), 1);
    EXPECT_FALSE(std::filesystem::exists(path("out.qasm")));
    const CliAnswer plain = run_cli({"emit", file, "--dialect", "qiskit", "-o", path("out.qasm")});
    EXPECT_NE(plain.err.find("error: " + file + ":4:1: 'extern'"), std::string::npos) << plain.err;
}

TEST_F(CircuitFiles, EmitRefusesWhatTheDialectCannotSay) {
    const std::string file =
        write("branch.qasm",
              "OPENQASM 3.0;\nqubit q;\nbit[2] c;\nc[0] = measure q;\nif (c[0]) { U(0, 0, 1) q; }\n");
    const CliAnswer answer = run_cli({"emit", file, "--dialect", "qasm2", "-o", path("out.qasm")});
    EXPECT_EQ(answer.code, 3);
    EXPECT_NE(answer.err.find("dialect qasm2 cannot say a condition"), std::string::npos) << answer.err;
    EXPECT_FALSE(std::filesystem::exists(path("out.qasm")));
    const CliAnswer unknown = run_cli({"emit", file, "--dialect", "qsam2", "-o", path("out.qasm")});
    EXPECT_EQ(unknown.code, 2);
    EXPECT_NE(unknown.err.find("Did you mean \"qasm2\"?"), std::string::npos) << unknown.err;
}

constexpr const char* kTeleport =
    "OPENQASM 3.0;\ninclude \"stdgates.inc\";\nqubit[3] q;\nbit[2] a;\nbit[1] b;\nry(0.7) q[0];\nh q[1];\n"
    "cx q[1], q[2];\ncx q[0], q[1];\nh q[0];\na[0] = measure q[0];\na[1] = measure q[1];\nreset q[0];\n"
    "if (a[1]) { x q[2]; }\nif (a[0]) { z q[2]; }\nb[0] = measure q[2];\n";

TEST_F(CircuitFiles, EmitDefersMeasurementsOnRequest) {
    const std::string file = write("teleport.qasm", kTeleport), output = path("out.qasm");
    const CliAnswer refused = run_cli({"emit", file, "--dialect", "qiskit-rust", "-o", output});
    EXPECT_EQ(refused.code, 3);
    EXPECT_NE(refused.err.find("qdcnn emit --defer-measurements"), std::string::npos) << refused.err;
    EXPECT_FALSE(std::filesystem::exists(output));
    const CliAnswer answer =
        run_cli({"emit", file, "--dialect", "qiskit-rust", "--defer-measurements", "-o", output});
    ASSERT_EQ(answer.code, 0) << answer.err;
    EXPECT_EQ(read_file(output).find("if"), std::string::npos);
    const auto before = nlohmann::json::parse(run_cli({"simulate", file, "--exact", "--json"}).out);
    const auto after = nlohmann::json::parse(run_cli({"simulate", output, "--exact", "--json"}).out);
    ASSERT_EQ(before.at("probabilities").size(), 8u);
    for (const auto& [key, probability] : before.at("probabilities").items())
        EXPECT_NEAR(after.at("probabilities").at(key).get<double>(), probability.get<double>(), 1e-12) << key;
}

TEST_F(CircuitFiles, EmitUnrollsLoopsOnRequest) {
    const std::string file = write("loop.qasm",
                                   "OPENQASM 3.0;\ninclude \"stdgates.inc\";\nqubit q;\nbit[1] c;\nx q;\n"
                                   "c[0] = measure q;\nwhile (c[0]) { x q; c[0] = measure q; }\n"),
                      output = path("out.qasm");
    const CliAnswer refused = run_cli({"emit", file, "--dialect", "qasm2", "-o", output});
    EXPECT_EQ(refused.code, 3);
    EXPECT_NE(refused.err.find("qdcnn emit --unroll TURNS"), std::string::npos) << refused.err;
    EXPECT_EQ(run_cli({"emit", file, "--dialect", "qiskit", "--unroll", "2", "-o", output}).code, 0);
    const auto after = nlohmann::json::parse(run_cli({"simulate", output, "--exact", "--json"}).out);
    EXPECT_NEAR(after.at("probabilities").at("0").get<double>(), 1, 1e-12);
    EXPECT_EQ(run_cli({"emit", file, "--unroll", "0", "-o", output}).code, 2);
    EXPECT_EQ(run_cli({"emit", "--model", "m", "--sentence", "s", "--unroll", "2", "-o", output}).code, 2);
}

TEST_F(CircuitFiles, EmitPutsValuesInPlaceOfInputs) {
    const std::string file = write("inputs.qasm",
                                   "include \"stdgates.inc\"; input float theta; input bool flip; qubit q; "
                                   "rx(theta) q; if (flip) { x q; }");
    const std::string target = path("bound.qasm");
    EXPECT_EQ(run_cli({"check", file}).code, 3);
    const CliAnswer done =
        run_cli({"emit", file, "--inputs", "theta=0.25,flip=true", "--dialect", "full", "-o", target});
    ASSERT_EQ(done.code, 0) << done.err;
    EXPECT_EQ(read_file(target),
              "OPENQASM 3.0;\ninclude \"stdgates.inc\";\nqubit[1] q;\nrx(0.25) q[0];\nx q[0];\n");
    for (const char* bad : {"theta", "theta=", "=1", "theta=1x", "theta=inf", "theta=1,theta=2"}) {
        const CliAnswer refused = run_cli({"check", file, "--inputs", bad});
        EXPECT_EQ(refused.code, 2) << bad << refused.err;
        EXPECT_NE(refused.err.find("--inputs"), std::string::npos) << refused.err;
    }
    const CliAnswer unknown = run_cli({"check", file, "--inputs", "flip=true,thata=1"});
    EXPECT_EQ(unknown.code, 3);
    EXPECT_NE((unknown.out + unknown.err).find("Did you mean \"theta\"?"), std::string::npos) << unknown.err;
}

TEST_F(CircuitFiles, EmitVerbatim) {
    const std::string file = write("bell.qasm", bell_), output = path("out.qasm");
    ASSERT_EQ(run_cli({"emit", file, "--dialect", "braket", "--verbatim", "-o", output}).code, 0);
    EXPECT_NE(read_file(output).find("#pragma braket verbatim\nbox {\n    h $0;\n    cnot $0, $1;\n}\n"),
              std::string::npos);
    EXPECT_EQ(run_cli({"emit", file, "--dialect", "qiskit", "--verbatim", "-o", output}).code, 3);
    ASSERT_EQ(run_cli({"transpile", file, "--target", "iqm_garnet", "--dialect", "braket", "--verbatim", "-o",
                       output})
                  .code,
              0);
    EXPECT_NE(read_file(output).find("prx("), std::string::npos) << read_file(output);
}

TEST_F(CircuitFiles, ShowWrapsToItsWidth) {
    const std::string file = write("teleport.qasm", kTeleport);
    for (const std::size_t width : {40u, 60u, 200u}) {
        const CliAnswer answer = run_cli({"show", file, "--width", std::to_string(width)});
        ASSERT_EQ(answer.code, 0) << answer.err;
        std::istringstream lines(answer.out);
        for (std::string line; std::getline(lines, line);) {
            const auto characters = std::count_if(line.begin(), line.end(), [](char c) {
                return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
            });
            EXPECT_LE(static_cast<std::size_t>(characters), width) << line;
        }
        EXPECT_NE(answer.out.find("q[2]"), std::string::npos);
    }
}

TEST_F(CircuitFiles, ShowFoldsWhatIsTooLong) {
    std::string text = bell_.substr(0, bell_.find("h q[0]"));
    for (int i = 0; i < 1000; ++i) text += "cx q[0],q[1];\n";
    const std::string file = write("long.qasm", text);
    const CliAnswer answer = run_cli({"show", file, "--limit", "50"});
    EXPECT_EQ(answer.code, 0);
    EXPECT_NE(answer.out.find("950"), std::string::npos) << answer.out;
    EXPECT_GT(run_cli({"show", file, "--limit", "0"}).out.size(), 5 * answer.out.size());
}

TEST_F(CircuitFiles, ShowWritesSvgAndAnswersInJson) {
    const std::string file = write("bell.qasm", bell_);
    const CliAnswer answer = run_cli({"show", file, "--svg", path("bell.svg"), "--json"});
    ASSERT_EQ(answer.code, 0) << answer.err;
    EXPECT_TRUE(read_file(path("bell.svg")).starts_with("<svg"));
    const auto json = nlohmann::json::parse(answer.out);
    EXPECT_EQ(json.at("schema"), "qdcnn.show/1");
    EXPECT_EQ(json.at("qubits"), 2);
    EXPECT_EQ(json.at("two_qubit_gates"), 1);
    EXPECT_EQ(run_cli({"show", path("none.qasm")}).code, 3);
    EXPECT_EQ(run_cli({"show", file, "--width", "3"}).code, 2);
}

}  // namespace
}  // namespace qdcnn::test
