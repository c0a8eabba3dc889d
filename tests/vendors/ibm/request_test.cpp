#include "vendors/ibm/request.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "qdcnn/base/files.h"
#include "qdcnn/qasm/reader.h"
#include "qdcnn/vendors/ibm/results.h"
#include "qdcnn/vendors/ibm/typed_json.h"
#include "scripted_ibm.h"
#include "support/same_circuit.h"
#include "support/shared_files.h"

namespace qdcnn::vendors::ibm {
namespace {

using namespace circuit;
using backend::EstimatorPub;
using backend::ParameterMatrix;
using backend::SamplerPub;
using nlohmann::json;

json body_of(const std::string& content) { return parse_json(content, "content"); }

/// Arrays as what is in them: compressed bytes may differ.
json with_open_arrays(json value) {
    if (value.is_object() && value.value("__type__", "") == "ndarray") {
        const NdArray array = ndarray_from_json(JsonView(value, "array"));
        return {{"shape", array.shape}, {"values", array.numbers()}};
    }
    if (value.is_structured())
        for (json& element : value) element = with_open_arrays(element);
    return value;
}

struct Request : ::testing::Test {
    ScriptedIbm ibm;

    json body(const JobRequest& request) { return body_of(ibm.service()->prepare(request).content); }
};

TEST_F(Request, sampler_of_a_bound_circuit) {
    Circuit circuit(2);
    circuit.add_clbits("alpha", 1);
    circuit.add_clbits("beta", 1);
    circuit.x(0).measure(0, 0).measure(1, 1);
    const json sent = body({.device = "line",
                            .pubs = std::vector{SamplerPub{std::make_shared<const Circuit>(circuit)}},
                            .shots = 77});
    EXPECT_EQ(
        with_open_arrays(sent),
        json({{"program_id", "sampler"},
              {"backend", "line"},
              {"log_level", "WARNING"},
              {"params",
               {{"pubs",
                 json::array({json::array({"OPENQASM 3.0;\ninclude \"stdgates.inc\";\nbit[1] alpha;\nbit[1] "
                                           "beta;\nqubit[3] q;\nx q[0];\nalpha[0] = measure q[0];\nbeta[0] = "
                                           "measure q[1];\n",
                                           {{"shape", {0}}, {"values", json::array()}},
                                           77})})},
                {"options", json::object()},
                {"version", 2},
                {"support_qiskit", true}}}}));
}

TEST_F(Request, columns_follow_the_names_in_the_text) {
    Circuit circuit(2, 1);
    const Angle z = circuit.parameter("zeta");
    circuit.parameter("unused");
    const Angle b = circuit.parameter("beta");
    const Angle a = circuit.parameter("in");  // A word of OpenQASM: printed with an underscore.
    circuit.rz(z, 0).rz(b + 1.0, 0).rz(a, 1).measure(0, 0);
    SamplerPub pub{std::make_shared<const Circuit>(circuit)};
    pub.parameters = ParameterMatrix(2, 4, {1, 2, 3, 4, 5, 6, 7, 8});
    const json sent = body({.device = "line", .pubs = std::vector{pub}})["params"]["pubs"][0];
    const std::string text = sent[0];
    EXPECT_EQ(text.find("unused"), std::string::npos) << text;
    const Circuit read = qasm::read_qasm(text, "sent");
    std::vector<std::string> names = read.parameters();
    std::sort(names.begin(), names.end());
    ASSERT_EQ(names.size(), 3u);
    EXPECT_EQ(names[0], "beta");
    EXPECT_TRUE(names[1].starts_with("in"));
    EXPECT_EQ(names[2], "zeta");
    EXPECT_EQ(with_open_arrays(sent[1]),
              json({{"shape", {2, 3}}, {"values", {3.0, 4.0, 1.0, 7.0, 8.0, 5.0}}}));
}

TEST_F(Request, estimator_spreads_rows_over_observables) {
    Circuit circuit(2);
    const Angle t = circuit.parameter("t");
    circuit.rz(t, 0);
    EstimatorPub pub{.circuit = std::make_shared<const Circuit>(circuit), .observables = {}};
    pub.observables = {parse_observable("Z0 Z1"), parse_observable("0.5 X0 + 2 - 1.5"),
                       parse_observable("Y2")};
    pub.observables[2] = parse_observable("Y1");
    pub.parameters = ParameterMatrix(2, 1, {0.25, 0.5});
    pub.shots = 400;
    const json sent = with_open_arrays(
        body({.device = "line", .pubs = std::vector{pub}, .options_json = R"({"resilience_level":0})"}));
    EXPECT_EQ(sent["program_id"], "estimator");
    EXPECT_EQ(sent["params"]["resilience_level"], 0);
    EXPECT_EQ(sent["params"]["options"], json::object());
    const json one = sent["params"]["pubs"][0];
    EXPECT_EQ(one[1], json::array({{{"IZZ", 1.0}}, {{"IIX", 0.5}, {"III", 0.5}}, {{"IYI", 1.0}}}));
    EXPECT_EQ(one[2], json({{"shape", {2, 1, 1}}, {"values", {0.25, 0.5}}}));
    EXPECT_EQ(one[3], 0.05);
}

TEST_F(Request, the_shape_is_found_again) {
    Circuit circuit(2, 2);
    circuit.rz(circuit.parameter("t"), 0).measure(0, 0);
    for (const std::size_t rows : {1u, 4u})
        for (const std::size_t observables : {1u, 3u}) {
            EstimatorPub pub{.circuit = std::make_shared<const Circuit>(circuit), .observables = {}};
            pub.observables.assign(observables, Observable::z(0));
            pub.parameters = ParameterMatrix(rows, 1);
            const JobShape shape = job_shape(to_text(body({.device = "line", .pubs = std::vector{pub}})));
            EXPECT_EQ(shape.pubs.at(0).rows, rows);
            EXPECT_EQ(shape.pubs.at(0).observables, observables);
        }
    SamplerPub bound{std::make_shared<const Circuit>(circuit.bind(std::vector{0.5}))};
    bound.parameters = ParameterMatrix(3, 0);
    EXPECT_EQ(job_shape(to_text(body({.device = "line", .pubs = std::vector{bound}}))).pubs.at(0).rows, 3u);
}

TEST_F(Request, options_say_the_shots_of_pubs_that_name_none) {
    Circuit circuit(1, 1);
    circuit.measure(0, 0);
    const SamplerPub plain{std::make_shared<const Circuit>(circuit)};
    SamplerPub own = plain;
    own.shots = 5;
    const JobRequest request{
        .device = "line", .pubs = std::vector{plain, own}, .options_json = R"({"default_shots":64})"};
    const PreparedJob job = ibm.service()->prepare(request);
    EXPECT_EQ(job.shots, 69u);
    const json params = body_of(job.content)["params"];
    EXPECT_EQ(params["options"], json({{"default_shots", 64}}));
    EXPECT_TRUE(params["pubs"][0][2].is_null());
    EXPECT_EQ(params["pubs"][1][2], 5);
}

TEST_F(Request, what_travels_beside_params) {
    Circuit circuit(1, 1);
    circuit.measure(0, 0);
    JobRequest request{.device = "line",
                       .pubs = std::vector{SamplerPub{std::make_shared<const Circuit>(circuit)}},
                       .options_json = R"({"environment":{"log_level":"INFO","job_tags":["b"]},
                                           "experimental":{"image":"a:b"},"max_execution_time":7})",
                       .tags = {"a"},
                       .session = "s1",
                       .is_private = true};
    json sent = body(request);
    EXPECT_EQ(sent["tags"], json({"a", "b"}));
    EXPECT_EQ(sent["session_id"], "s1");
    EXPECT_EQ(sent["private"], true);
    EXPECT_EQ(sent["cost"], 7);
    EXPECT_EQ(sent["runtime"], "a:b");
    EXPECT_EQ(sent["log_level"], "INFO");
    request.max_execution_seconds = 8.5;
    EXPECT_EQ(body(request)["cost"], 9);
    request.max_execution_seconds = 20'000;
    EXPECT_EQ(error_from([&] { body(request); }).kind(), ErrorKind::invalid_input);
}

TEST_F(Request, the_key_is_one_more_tag) {
    Circuit circuit(1, 1);
    circuit.measure(0, 0);
    JobRequest request{.device = "line",
                       .pubs = std::vector{SamplerPub{std::make_shared<const Circuit>(circuit)}}};
    const auto service = ibm.service();
    const PreparedJob plain = service->prepare(request);
    EXPECT_EQ(service->prepare(request).content, plain.content);
    EXPECT_EQ(body_of(service->body(plain, "qdcnn-1"))["tags"], json::array({"qdcnn-1"}));
    request.tags = {"1", "2", "3", "4", "5", "6", "7"};
    const PreparedJob tagged = service->prepare(request);
    EXPECT_EQ(body_of(service->body(tagged, "key"))["tags"].size(), 8u);
    EXPECT_EQ(error_from([&] { service->body(plain, std::string(87, 'k')); }).kind(),
              ErrorKind::invalid_input);
    request.tags.push_back("8");
    const PreparedJob full = service->prepare(request);
    EXPECT_EQ(error_from([&] { service->body(full, "key"); }).kind(), ErrorKind::invalid_input);
}

TEST(Precision, the_service_takes_exactly_the_shots_that_were_meant) {
    for (std::uint64_t shots = 1; shots < 20'000; ++shots) {
        const double precision = precision_of(shots);
        ASSERT_EQ(std::ceil(1.0 / (precision * precision)), static_cast<double>(shots));
    }
    EXPECT_EQ(precision_of(400), 0.05);
}

/// The recorded requests of IBM's own client against ours for the same work, up to the circuit's encoding.
class RecordedRequest : public ::testing::Test {
  protected:
    void SetUp() override {
        const auto at = [](const std::string& path) {
            return test::shared_file("rest/fixtures/ibm/" + path);
        };
        const auto configuration = at("backends/ibm_torino/configuration.json");
        const auto properties = at("backends/ibm_torino/properties.json");
        has_recordings = configuration && properties && at("05_estimator_qpy.json");
        if (!has_recordings) return;  // The tests of Request hold without them.
        ibm.set_device(read_json_file(*configuration), read_json_file(*properties));
    }

    static std::vector<json> submitted(const std::string& file) {
        std::vector<json> bodies;
        const json recording = read_json_file(*test::shared_file("rest/fixtures/ibm/" + file));
        for (const json& exchange : recording["exchanges"])
            if (exchange["request"]["method"] == "POST" && exchange["request"]["path"] == "{base}/jobs")
                bodies.push_back(exchange["request"]["body"]);
        return bodies;
    }

    static json without_circuits(json body) {
        body = with_open_arrays(std::move(body));
        for (json& pub : body["params"]["pubs"]) pub[0] = "circuit";
        return body;
    }

    json ours(const JobRequest& request) { return body_of(ibm.service()->prepare(request).content); }

    static Circuit bell() {
        Circuit circuit(2, 2);
        for (const Qubit qubit : {0u, 1u})
            circuit.rz(std::numbers::pi / 2, qubit).sx(qubit).rz(std::numbers::pi / 2, qubit);
        circuit.cz(0, 1).rz(std::numbers::pi / 2, 1).sx(1).rz(std::numbers::pi / 2, 1);
        circuit.barrier({0, 1}).measure(0, 0).measure(1, 1);
        return circuit;
    }

    ScriptedIbm ibm;
    bool has_recordings = false;
};

TEST_F(RecordedRequest, sampler) {
    if (!has_recordings) return;
    const json theirs = submitted("03_sampler_qpy_bell.json").at(0);
    const json sent = ours({.device = "ibm_torino",
                            .pubs = std::vector{SamplerPub{std::make_shared<const Circuit>(bell()),
                                                           ParameterMatrix::bound(), 256}}});
    EXPECT_EQ(without_circuits(sent), without_circuits(theirs));
}

TEST_F(RecordedRequest, sampler_as_text) {
    if (!has_recordings) return;
    const json theirs = submitted("04_sampler_qasm3_string.json").at(0);
    const json sent = ours({.device = "ibm_torino",
                            .pubs = std::vector{SamplerPub{std::make_shared<const Circuit>(bell()),
                                                           ParameterMatrix::bound(), 256}}});
    // Which declaration comes first does not matter.
    const Circuit read = qasm::read_qasm(sent["params"]["pubs"][0][0], "ours");
    const Circuit recorded = qasm::read_qasm(theirs["params"]["pubs"][0][0], "theirs");
    EXPECT_TRUE(test::same_circuit(read, recorded));
}

TEST_F(RecordedRequest, estimator) {
    if (!has_recordings) return;
    const json theirs = submitted("05_estimator_qpy.json").at(0);
    Circuit circuit(2);
    const Angle theta = circuit.parameter("theta"), beta = circuit.parameter("beta");
    circuit.sx(0).rz(theta, 0).sx(0).cz(0, 1).sx(1).rz(beta, 1).sx(1);
    EstimatorPub pub{.circuit = std::make_shared<const Circuit>(circuit), .observables = {}};
    pub.observables = {parse_observable("Z0 Z1"), parse_observable("0.5 Z0 + X0 X1"), parse_observable("Z1")};
    pub.shots = 400;
    // The recording has beta, theta.
    const json values = with_open_arrays(theirs["params"]["pubs"][0][2])["values"];
    pub.parameters = ParameterMatrix(1, 2, {values[1], values[0]});
    EXPECT_EQ(without_circuits(ours({.device = "ibm_torino", .pubs = std::vector{pub}})),
              without_circuits(theirs));
}

TEST_F(RecordedRequest, in_a_session_with_tags_and_default_shots) {
    if (!has_recordings) return;
    const json theirs = submitted("07_session_dedicated.json").at(0);
    const json sent = ours({.device = "ibm_torino",
                            .pubs = std::vector{SamplerPub{std::make_shared<const Circuit>(bell())}},
                            .options_json = R"({"default_shots":64})",
                            .tags = {"devfix", "t1"},
                            .session = theirs["session_id"].get<std::string>()});
    EXPECT_EQ(without_circuits(sent), without_circuits(theirs));
}

}  // namespace
}  // namespace qdcnn::vendors::ibm
