#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "cli/run_cli.h"
#include "qdcnn/base/files.h"
#include "qdcnn/qasm/reader.h"
#include "qdcnn/target/devices.h"
#include "qdcnn/transpile/equivalence.h"
#include "qdcnn/transpile/validate.h"

namespace qdcnn::test {
namespace {

constexpr const char* kRing = R"(OPENQASM 3.0;
include "stdgates.inc";
input float[64] theta;
qubit[4] q;
bit[4] c;
h q[0];
cx q[0], q[1];
ry(2*theta + 0.5) q[1];
cx q[1], q[2];
cx q[2], q[3];
cx q[3], q[0];
cz q[0], q[2];
c = measure q;
)";

class TranspileCommand : public testing::Test {
  protected:
    std::filesystem::path folder_ = std::filesystem::temp_directory_path() /
                                    testing::UnitTest::GetInstance()->current_test_info()->name();
    void SetUp() override {
        make_folders(folder_.string());
        write_file_atomic(path("in.qasm"), kRing);
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }
    std::string path(const std::string& name) const { return (folder_ / name).string(); }

    transpile::Result result_of(const nlohmann::json& answer, const std::string& file) const {
        transpile::Result result;
        result.circuit = qasm::read_qasm_file(path(file));
        result.initial_layout = answer.at("initial_layout").get<std::vector<circuit::Qubit>>();
        result.final_layout = answer.at("final_layout").get<std::vector<circuit::Qubit>>();
        return result;
    }
};

TEST_F(TranspileCommand, WritesALegalEqualCircuitAndItsLayout) {
    for (const std::string device :
         {"ibm_sherbrooke", "ibm_torino", "iqm_garnet", "ionq_forte", "quantinuum_h2"})
        for (const std::string level : {"0", "1", "3"}) {
            SCOPED_TRACE(device + " " + level);
            const CliAnswer answer = run_cli({"transpile", path("in.qasm"), "--target", device, "--level",
                                              level, "--seed", "7", "-o", path("out.qasm"), "--json"});
            ASSERT_EQ(answer.code, 0) << answer.err;
            const auto json = nlohmann::json::parse(answer.out);
            EXPECT_EQ(json.at("schema"), "qdcnn.transpile/1");
            EXPECT_EQ(json, nlohmann::json::parse(read_file(path("out.layout.json"))));
            for (const char* key :
                 {"two_qubit_gates", "two_qubit_depth", "one_qubit_gates", "depth", "swaps"})
                EXPECT_TRUE(json.at(key).is_number_unsigned()) << key;
            EXPECT_LT(json.at("log_success").get<double>(), 0);
            EXPECT_TRUE(json.at("readout").is_null());
            EXPECT_EQ(json.at("initial_layout").size(), 4u);
            EXPECT_GE(json.at("cpu_seconds").get<double>(), 0);
            EXPECT_GT(json.at("wall_seconds").get<double>(), 0);
            const transpile::Result result = result_of(json, "out.qasm");
            EXPECT_TRUE(transpile::find_illegal(result.circuit, target::load_target(device)).empty());
            const auto figures = circuit::metrics(result.circuit);
            EXPECT_EQ(json.at("two_qubit_gates"), figures.two_qubit_gates);
            const std::vector<double> values{0.8};
            const auto same =
                transpile::check_equivalence(qasm::read_qasm_file(path("in.qasm")), result, values);
            EXPECT_TRUE(same.equal) << same.distance;
        }
}

TEST_F(TranspileCommand, DialectIbmHasOneRegisterOfTheDevicesWidth) {
    const CliAnswer answer = run_cli(
        {"transpile", path("in.qasm"), "--target", "ibm_torino", "--dialect", "ibm", "-o", path("out.qasm")});
    ASSERT_EQ(answer.code, 0) << answer.err;
    EXPECT_NE(read_file(path("out.qasm")).find("qubit[133] q;"), std::string::npos);
    EXPECT_NE(answer.out.find("two-qubit gates"), std::string::npos);
}

TEST_F(TranspileCommand, KeepsTheLayoutItIsGiven) {
    write_file_atomic(path("layout.json"), "[5, 6, 7, 8]");
    const std::vector<std::string> words{
        "transpile",      path("in.qasm"), "--target", "ibm_torino",       "-o",
        path("out.qasm"), "--json",        "--layout", path("layout.json")};
    const CliAnswer answer = run_cli(words);
    ASSERT_EQ(answer.code, 0) << answer.err;
    EXPECT_EQ(nlohmann::json::parse(answer.out).at("initial_layout"), nlohmann::json({5, 6, 7, 8}));
    for (const char* bad :
         {"[5, 6, 7]", "[5, 5, 7, 8]", "[5, 6, 7, 133]", "[5, 6, 7, -1]", "{\"x\": 1}", "[5, \"a\", 7, 8]"}) {
        write_file_atomic(path("layout.json"), bad);
        const CliAnswer refused = run_cli(words);
        EXPECT_EQ(refused.code, 3) << bad;
        EXPECT_EQ(nlohmann::json::parse(refused.err).at("kind"), "invalid_input") << bad;
    }
}

TEST_F(TranspileCommand, PhysicalQubitsStayWhereTheyAre) {
    write_file_atomic(path("physical.qasm"), R"(OPENQASM 3.0; include "stdgates.inc"; bit[2] c;
                                                h $5; cx $5, $4; c[0] = measure $5; c[1] = measure $4;)");
    const CliAnswer answer = run_cli(
        {"transpile", path("physical.qasm"), "--target", "ibm_torino", "-o", path("out.qasm"), "--json"});
    ASSERT_EQ(answer.code, 0) << answer.err;
    const auto json = nlohmann::json::parse(answer.out);
    EXPECT_EQ(json.at("initial_layout"), (nlohmann::json{0, 1, 2, 3, 4, 5}));
    EXPECT_EQ(json.at("swaps"), 0);
    const std::string out = read_file(path("out.qasm"));
    EXPECT_NE(out.find("$5"), std::string::npos);
    EXPECT_NE(out.find("$4"), std::string::npos);
}

TEST_F(TranspileCommand, APipeHasNoLayoutFileBesideIt) {
    const CliAnswer answer =
        run_cli({"transpile", path("in.qasm"), "--target", "ibm_torino", "-o", "/dev/null"});
    EXPECT_EQ(answer.code, 0) << answer.err;
    EXPECT_FALSE(std::filesystem::exists("/dev/null.layout.json"));
    EXPECT_TRUE(std::filesystem::is_character_file("/dev/null"));
}

/// What `simulate` says of a file.
nlohmann::json probabilities_of(const std::string& file) {
    const CliAnswer answer = run_cli({"simulate", file, "--json"});
    EXPECT_EQ(answer.code, 0) << answer.err;
    return nlohmann::json::parse(answer.out).at("probabilities");
}

TEST_F(TranspileCommand, TheReadOutOfTheLayoutFileGivesTheInputsBits) {
    write_file_atomic(path("ring.qasm"), R"(OPENQASM 3.0; include "stdgates.inc"; qubit[3] q; bit[3] c;
        ry(0.4) q[0]; ry(1.1) q[1]; ry(2.0) q[2]; cx q[0], q[1]; cx q[1], q[2]; cx q[2], q[0]; x q[1];
        c[0] = measure q[0]; c[1] = measure q[1]; c[2] = measure q[2];)");
    const CliAnswer answer = run_cli({"transpile", path("ring.qasm"), "--target", "ibm_torino",
                                      "--measurement-aware", "--fold-always", "-o", path("out.qasm")});
    ASSERT_EQ(answer.code, 0) << answer.err;
    EXPECT_NE(answer.out.find("0 two-qubit gates"), std::string::npos) << answer.out;
    const auto layout = nlohmann::json::parse(read_file(path("out.layout.json")));
    const auto& readout = layout.at("readout");
    ASSERT_EQ(readout.size(), 3u);
    std::map<std::string, double> recovered;
    const auto sent = probabilities_of(path("out.qasm"));
    for (const auto& [key, probability] : sent.items()) {
        // One register m, its bit 0 rightmost.
        std::string bits(3, '0');
        for (std::size_t k = 0; k < 3; ++k) {
            EXPECT_EQ(readout[k].at("bit"), "c[" + std::to_string(k) + "]");
            bool value = readout[k].at("flip").get<bool>();
            for (const auto& name : readout[k].at("parity_of")) {
                const std::string text = name.get<std::string>();
                EXPECT_EQ(text.substr(0, 2), "m[");
                value ^= key[key.size() - 1 - std::stoul(text.substr(2))] == '1';
            }
            bits[2 - k] = value ? '1' : '0';
        }
        recovered[bits] += probability.get<double>();
    }
    const auto expected = probabilities_of(path("ring.qasm"));
    EXPECT_EQ(recovered.size(), expected.size());
    for (const auto& [key, probability] : expected.items())
        EXPECT_NEAR(recovered[key], probability.get<double>(), 1e-9) << key;
}

TEST_F(TranspileCommand, ExplainsWhatThePassesDid) {
    const std::vector<std::string> words{"transpile", path("in.qasm"), "--target", "ibm_torino", "--explain",
                                         "-o",        path("out.qasm")};
    EXPECT_NE(run_cli(words).out.find("native_pairs"), std::string::npos);
    std::vector<std::string> as_json = words;
    as_json.push_back("--json");
    const auto answer = nlohmann::json::parse(run_cli(as_json).out);
    ASSERT_FALSE(answer.at("passes").empty());
    EXPECT_EQ(answer.at("passes").front().at("before").at("two_qubit_gates"), 5);
    EXPECT_EQ(answer.at("passes").back().at("after").at("two_qubit_gates"), answer.at("two_qubit_gates"));
    EXPECT_GE(answer.at("passes").back().at("seconds").get<double>(), 0.0);
}

TEST_F(TranspileCommand, ComparesLevelsAndBindingsAndListsPasses) {
    auto parsed = [&](std::vector<std::string> words) {
        words.insert(words.begin(), "transpile");
        words.push_back("--json");
        const CliAnswer answer = run_cli(words);
        EXPECT_EQ(answer.code, 0) << answer.err;
        return nlohmann::json::parse(answer.out);
    };
    const auto levels = parsed({path("in.qasm"), "--target", "ibm_torino", "--compare"}).at("levels");
    ASSERT_EQ(levels.size(), 4u);
    EXPECT_GE(levels[0].at("two_qubit_gates"), levels[3].at("two_qubit_gates"));
    EXPECT_GT(levels[3].at("success").get<double>(), 0.5);
    EXPECT_GT(levels[3].at("duration").get<double>(), 1e-7);
    const auto forms = parsed({path("in.qasm"), "--target", "ibm_torino", "--bind"}).at("forms");
    ASSERT_EQ(forms.size(), 2u);
    EXPECT_GE(forms[0].at("two_qubit_gates"), 1);
    bool has_route = false;
    const auto passes = parsed({"--passes"}).at("passes");
    for (const auto& pass : passes)
        has_route = has_route || (pass.at("name") == "route" && pass.at("levels").size() == 4);
    EXPECT_TRUE(has_route);
    EXPECT_NE(
        run_cli({"transpile", path("in.qasm"), "--target", "ibm_torino", "--compare"}).out.find("level 3"),
        std::string::npos);
}

TEST_F(TranspileCommand, TheDeviceIsDrawnWithTheLayout) {
    ASSERT_EQ(run_cli({"transpile", path("in.qasm"), "--target", "ibm_torino", "-o", path("out.qasm")}).code,
              0);
    const CliAnswer answer = run_cli(
        {"device", "show", "ibm_torino", "--svg", path("device.svg"), "--layout", path("out.layout.json")});
    ASSERT_EQ(answer.code, 0) << answer.err;
    const std::string svg = read_file(path("device.svg"));
    EXPECT_NE(svg.find(">v3<"), std::string::npos);
    EXPECT_EQ(svg.find(">v4<"), std::string::npos);
    EXPECT_EQ(run_cli({"device", "show", "ibm_torino", "--layout", path("out.layout.json")}).code, 2);
}

TEST_F(TranspileCommand, SaysWhatIsWrong) {
    auto refusal = [&](std::vector<std::string> more, int code) {
        std::vector<std::string> words{"transpile", path("in.qasm"), "-o", path("out.qasm"), "--json"};
        words.insert(words.end(), more.begin(), more.end());
        const CliAnswer answer = run_cli(words);
        EXPECT_EQ(answer.code, code) << answer.err;
        EXPECT_EQ(answer.out, "");
        return answer.err;
    };
    EXPECT_NE(refusal({"--target", "ibm_torina"}, 3).find("ibm_torino"), std::string::npos);
    EXPECT_NE(refusal({}, 2).find("target"), std::string::npos);
    refusal({"--target", "ibm_torino", "--level", "4"}, 2);
    EXPECT_NE(refusal({"--target", "ibm_torino", "--fold-always"}, 2).find("measurement-aware"),
              std::string::npos);
    write_file_atomic(path("in.qasm"), "OPENQASM 3.0; qubit[30] q; U(0, 0, 0) q[29];");
    const std::string wide = refusal({"--target", "iqm_garnet"}, 3);
    EXPECT_NE(wide.find("30"), std::string::npos);
    EXPECT_NE(wide.find("20"), std::string::npos);
    write_file_atomic(path("in.qasm"),
                      "OPENQASM 3.0; qubit q; bit c; c = measure q; if (c) { U(1, 0, 0) q; }");
    EXPECT_NE(refusal({"--target", "ionq_aria"}, 3).find("feed-forward"), std::string::npos);
    EXPECT_FALSE(std::filesystem::exists(path("out.qasm")));
}

TEST(DeviceCommand, ListsAndShows) {
    const CliAnswer list = run_cli({"device", "list", "--json"});
    ASSERT_EQ(list.code, 0) << list.err;
    const auto devices = nlohmann::json::parse(list.out);
    EXPECT_EQ(devices.at("schema"), "qdcnn.devices/1");
    EXPECT_EQ(devices.at("devices").size(), target::bundled_devices().size());
    for (const auto& device : devices.at("devices")) {
        for (const char* key : {"name", "qubits", "native", "source", "date"})
            EXPECT_TRUE(device.contains(key)) << key;
        const CliAnswer plain = run_cli({"device", "show", device.at("name").get<std::string>()});
        EXPECT_EQ(plain.code, 0);
        EXPECT_NE(plain.out.find("median errors"), std::string::npos);
    }
    EXPECT_NE(run_cli({"device", "list"}).out.find("ibm_torino"), std::string::npos);
    const auto torino =
        nlohmann::json::parse(run_cli({"device", "show", "ibm_torino", "--json"}).out).at("devices").at(0);
    EXPECT_EQ(torino.at("qubits"), 133);
    EXPECT_EQ(torino.at("edges").size(), 150u);
    EXPECT_GT(torino.at("median_error").at("cz").get<double>(), 0);
}

TEST(DeviceCommand, RefusesNicely) {
    const CliAnswer unknown = run_cli({"device", "show", "ibm_torina"});
    EXPECT_EQ(unknown.code, 3);
    EXPECT_NE(unknown.err.find("ibm_torino"), std::string::npos) << unknown.err;
    EXPECT_EQ(run_cli({"device", "show"}).code, 2);
    EXPECT_EQ(run_cli({"device", "lst"}).code, 2);
}

}  // namespace
}  // namespace qdcnn::test
