// emit: the files say what the model computes.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <set>

#include "cli/run_cli.h"
#include "cli/temporary_folder.h"
#include "qdcnn/base/json.h"
#include "qdcnn/circuit/observable.h"
#include "qdcnn/qasm/reader.h"
#include "qdcnn/sim/local_backend.h"

namespace qdcnn::test {
namespace {

using nlohmann::json;

/// <O> of an observable of Z, from the exact distribution of the register "meas" (bit i: virtual qubit i).
double value_from_bits(const circuit::Circuit& measured, const circuit::Observable& observable) {
    const auto local = sim::make_local_backend();
    std::size_t first = 0;
    for (const circuit::Register& bits : measured.clbit_registers())
        if (bits.name == "meas") first = bits.offset;
    std::vector<backend::SamplerPub> pubs{
        {std::make_shared<circuit::Circuit>(measured), backend::ParameterMatrix::bound()}};
    const auto result = local->run(std::move(pubs), {})->result();
    double value = 0.0;
    for (const auto& [words, probability] : result[0].probabilities.at(0)) {
        // A blank stands between registers.
        std::string bits = words;
        std::erase(bits, ' ');
        for (const auto& term : observable.terms) {
            double sign = term.coefficient;
            for (const auto& [qubit, pauli] : term.paulis) {
                EXPECT_EQ(pauli, circuit::Pauli::z);
                if (bits[bits.size() - 1 - first - qubit] == '1') sign = -sign;
            }
            value += sign * probability;
        }
    }
    return value;
}

class Emit : public testing::Test {
  protected:
    Emit() {
        const CliAnswer answer = run_cli(
            {"train", "--data", "builtin:food-it", "--epochs", "2", "--model", "staged", "-o", model_});
        EXPECT_EQ(answer.code, 0) << answer.err;
    }
    void train_coherent() {
        const CliAnswer answer = run_cli(
            {"train", "--data", "builtin:food-it", "--epochs", "2", "--model", "coherent", "-o", model_});
        EXPECT_EQ(answer.code, 0) << answer.err;
    }

    json emit(std::vector<std::string> more) {
        std::vector<std::string> arguments{"emit", "--model", model_, "-o", out_};
        if (more.empty() || more.front() != "--sentence")
            more.insert(more.begin(), {"--sentence", "sister grills new bread"});
        arguments.insert(arguments.end(), more.begin(), more.end());
        const CliAnswer answer = run_cli(arguments);
        EXPECT_EQ(answer.code, 0) << answer.err;
        return read_json_file(out_ + "/manifest.json");
    }

    /// Every circuit measured gives the values that the manifest states.
    void check_values(const json& manifest, std::size_t stride) {
        for (std::size_t i = 0; i < manifest["circuits"].size(); i += stride) {
            const json& entry = manifest["circuits"][i];
            const auto circuit = qasm::read_qasm_file(out_ + "/" + entry["file"].get<std::string>());
            for (std::size_t o = 0; o < entry["observables"].size(); ++o)
                EXPECT_NEAR(value_from_bits(circuit, circuit::parse_observable(entry["observables"][o])),
                            entry["values"][o].get<double>(), 1e-9)
                    << entry["file"];
        }
    }

    TemporaryFolder folder_;
    std::string model_ = folder_.file("model.json"), out_ = folder_.file("out");
};

TEST_F(Emit, WritesEveryCircuitOfTheSentence) {
    const json manifest = emit({});
    EXPECT_EQ(manifest["schema"], "qdcnn.manifest/1");
    EXPECT_EQ(manifest["rounds"], 3);
    EXPECT_EQ(manifest["unknown_words"], (json{"new"}));
    std::set<std::string> named;
    for (const json& entry : manifest["circuits"]) {
        for (const char* key :
             {"file", "round", "stage", "index", "word", "window", "observables", "parameters", "layout"})
            EXPECT_TRUE(entry.contains(key)) << key;
        EXPECT_EQ(entry["file"], fmt::format("r{}-{}-{}.qasm", entry["round"].get<int>(),
                                             entry["stage"].get<std::string>(), entry["index"].get<int>()));
        EXPECT_TRUE(named.insert(entry["file"]).second);
    }
    std::set<std::string> written;
    for (const auto& file : std::filesystem::directory_iterator(out_)) written.insert(file.path().filename());
    written.erase("manifest.json");
    EXPECT_EQ(written, named);
    // 4 words, 1 sentence, 6 channels x 2 windows, 1 head.
    EXPECT_EQ(named.size(), 4u + 1 + 12 + 1);
    check_values(manifest, 1);
}

TEST_F(Emit, AFullDiskLeavesNothing) {
    // A limit on the size of files acts like a full disk: the manifest is the first file that is longer.
    std::signal(SIGXFSZ, SIG_IGN);
    rlimit before{};
    getrlimit(RLIMIT_FSIZE, &before);
    rlimit small = before;
    small.rlim_cur = 5000;
    setrlimit(RLIMIT_FSIZE, &small);
    const CliAnswer answer =
        run_cli({"emit", "--model", model_, "--sentence", "sister grills new bread", "-o", out_});
    setrlimit(RLIMIT_FSIZE, &before);
    EXPECT_EQ(answer.code, 10) << answer.err;
    EXPECT_FALSE(std::filesystem::exists(out_));
}

TEST_F(Emit, AgreesWithPredict) {
    const json manifest = emit({});
    const CliAnswer answer = run_cli({"predict", "--model", model_, "--json", "sister grills new bread"});
    const json logits = json::parse(answer.out)["predictions"][0]["logits"];
    EXPECT_EQ(manifest["logits"], logits);
    EXPECT_EQ(manifest["circuits"].back()["values"], logits) << "the head reads the logits";
}

TEST_F(Emit, ForATargetTheBitsStayThoseOfTheVirtualQubits) {
    const json manifest = emit({"--target", "ibm_torino"});
    EXPECT_EQ(manifest["target"], "ibm_torino");
    EXPECT_EQ(manifest["dialect"], "qiskit-isa");
    EXPECT_EQ(manifest["circuits"][0]["layout"]["initial"].size(), 6u);
    check_values(manifest, 3);
}

TEST_F(Emit, TemplatesAreUnboundAndTheManifestBindsThem) {
    const json manifest = emit({"--template", "--dialect", "full"});
    ASSERT_EQ(manifest["circuits"].size(), 4u);
    for (const json& entry : manifest["circuits"]) {
        const auto circuit = qasm::read_qasm_file(out_ + "/" + entry["file"].get<std::string>());
        EXPECT_EQ(json(circuit.parameters()), entry["parameters"]);
        EXPECT_GT(circuit.parameters().size(), 0u);
        const json& row = entry["rows"].back();
        std::vector<double> values;
        for (const std::string& name : circuit.parameters()) values.push_back(row["parameters"][name]);
        EXPECT_NEAR(value_from_bits(circuit.bind(values), circuit::parse_observable(entry["observables"][0])),
                    row["values"][0].get<double>(), 1e-9)
            << entry["file"];
    }
}

TEST_F(Emit, TheCoherentModelIsOneCircuitAWindow) {
    train_coherent();
    const json manifest = emit({"--sentence", "sister grills new bread and fresh soup"});
    EXPECT_EQ(manifest["rounds"], 1);
    ASSERT_EQ(manifest["circuits"].size(), 2u);
    EXPECT_EQ(manifest["circuits"][1]["file"], "r0-sentence-1.qasm");
    EXPECT_EQ(manifest["circuits"][1]["window"], 4);
    EXPECT_EQ(manifest["circuits"][1]["two_qubit_gates"], 14);
    check_values(manifest, 1);
    const json on_template = emit({"--template", "--dialect", "full"});
    ASSERT_EQ(on_template["circuits"].size(), 1u);
    EXPECT_EQ(on_template["circuits"][0]["rows"].size(), 1u);
}

TEST_F(Emit, TheCoherentModelFitsDevicesWithoutSwaps) {
    train_coherent();
    for (const char* device : {"ibm_torino", "ibm_sherbrooke", "iqm_garnet", "ionq_aria"}) {
        SCOPED_TRACE(device);
        const json manifest = emit({"--target", device});
        const json& circuit = manifest["circuits"][0];
        EXPECT_EQ(circuit["layout"]["initial"], circuit["layout"]["final"]);
        const bool is_dynamic = device != std::string("ionq_aria");
        EXPECT_EQ(circuit["layout"]["initial"].size(), is_dynamic ? 8u : 10u);
        if (is_dynamic) {
            EXPECT_EQ(circuit["two_qubit_gates"], 14);
        } else {
            EXPECT_LE(circuit["two_qubit_gates"], 20);
        }
        check_values(manifest, 1);
    }
}

TEST_F(Emit, ACircuitInAnotherDialect) {
    const std::string in = folder_.write(
        "in.qasm", "OPENQASM 3.0;\ninclude \"stdgates.inc\";\nqubit[2] q;\nh q[0];\ncx q[0], q[1];\n");
    const std::string out = folder_.file("out.qasm");
    EXPECT_EQ(run_cli({"emit", in, "--dialect", "qasm2", "-o", out}).code, 0);
    EXPECT_NE(qasm::read_qasm_file(out).num_qubits(), 0u);
    EXPECT_EQ(run_cli({"emit", in, "--dialect", "qsam2", "-o", out}).code, 2);
    EXPECT_EQ(run_cli({"emit", in, "--template", "-o", out}).code, 2);
    EXPECT_EQ(run_cli({"emit", "-o", out}).code, 2);
    EXPECT_EQ(run_cli({"emit", "--model", model_, "-o", out}).code, 2);
}

}  // namespace
}  // namespace qdcnn::test
