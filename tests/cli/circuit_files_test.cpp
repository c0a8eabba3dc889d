#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <nlohmann/json.hpp>

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
    const std::string file = write("bad.qasm", "OPENQASM 3.0;\nqubit[2] q;\nx q[0];\nextern f(int) -> int;\n");
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

}  // namespace
}  // namespace qdcnn::test
