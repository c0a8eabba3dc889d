#include "vendors/ibm/validation.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numbers>

#include "scripted_ibm.h"

namespace qdcnn::vendors::ibm {
namespace {

using namespace circuit;
using backend::EstimatorPub;
using backend::ParameterMatrix;
using backend::SamplerPub;
using nlohmann::json;

SamplerPub pub_of(Circuit circuit, std::optional<std::uint64_t> shots = {}) {
    return {.circuit = std::make_shared<const Circuit>(std::move(circuit)), .shots = shots};
}

struct Validation : ::testing::Test {
    ScriptedIbm ibm;

    PreparedJob prepare(std::vector<SamplerPub> pubs, const json& options = json::object()) {
        return ibm.service()->prepare(
            {.device = "line", .pubs = std::move(pubs), .options_json = to_text(options)});
    }
    PreparedJob prepare(std::vector<EstimatorPub> pubs, const json& options = json::object()) {
        return ibm.service()->prepare(
            {.device = "line", .pubs = std::move(pubs), .options_json = to_text(options)});
    }
    /// Kind and message.
    template <typename Pubs>
    std::string refusal(Pubs pubs, const json& options = json::object()) {
        const Error error = error_from([&] { prepare(std::move(pubs), options); });
        return std::string(to_string(error.kind())) + ": " + error.what();
    }
};

Circuit three() {
    Circuit circuit(3, 3);
    return circuit;
}

#define EXPECT_TELLS(text, part) EXPECT_NE((text).find(part), std::string::npos) << (text)

TEST_F(Validation, what_the_device_has_goes_through) {
    Circuit circuit = three();
    circuit.sx(0).rz(1.0, 0).cz(0, 1).cz(2, 1).barrier().delay(1e-6, 0).measure(0, 0).reset(0);
    circuit.if_else({{0}, 1}, [](Circuit& body) { body.x(1); });
    const PreparedJob job = prepare(std::vector{pub_of(circuit, 100), pub_of(circuit)});
    EXPECT_EQ(job.circuits, 2u);
    EXPECT_EQ(job.shots, 1124u);
    EXPECT_TRUE(job.warnings.empty());
}

TEST_F(Validation, gates_pairs_and_qubits_that_are_not_there) {
    Circuit circuit = three();
    circuit.x(0).h(1);
    std::string text = refusal(std::vector{pub_of(circuit)});
    EXPECT_TELLS(text, "invalid_input: PUB 0, operation 1: h is no native gate of line");
    circuit = three();
    circuit.cz(0, 2);
    EXPECT_TELLS(refusal(std::vector{pub_of(three().x(0)), pub_of(circuit)}),
                 "PUB 1, operation 0: cz of line does not act on qubits 0, 2");
    EXPECT_TELLS(refusal(std::vector{pub_of(Circuit(4, 1))}), "has 4 qubits, line has 3");
    // Inside a branch too.
    circuit = three();
    circuit.measure(0, 0).if_else({{0}, 1}, [](Circuit& body) { body.h(1); });
    EXPECT_TELLS(refusal(std::vector{pub_of(circuit)}), "operation 1: h is no native gate");
}

TEST_F(Validation, faulty_qubits_and_edges) {
    json properties = line_properties();
    properties["qubits"][2].push_back(figure("operational", 0));
    ibm.set_device(line_configuration(), properties);
    EXPECT_TELLS(refusal(std::vector{pub_of(three().x(2))}), "qubit 2 of line is out of order");
    EXPECT_TELLS(refusal(std::vector{pub_of(three().measure(2, 0))}), "qubit 2 of line is out of order");
    properties = line_properties();
    properties["gates"].back()["parameters"].push_back(figure("operational", 0));
    ibm.set_device(line_configuration(), properties);
    EXPECT_TELLS(refusal(std::vector{pub_of(three().cz(1, 2))}), "cz of line does not act on qubits 1, 2");
    EXPECT_NO_THROW(prepare(std::vector{pub_of(three().cz(0, 1))}));
    properties = line_properties();
    properties["gates"][0]["parameters"].push_back(figure("operational", 0));
    ibm.set_device(line_configuration(), properties);
    EXPECT_TELLS(refusal(std::vector{pub_of(three().sx(0))}), "sx of line is out of order on qubit 0");
}

TEST_F(Validation, rzz_angles_also_of_bound_parameters) {
    ibm.has_fractional_gates = true;
    const auto with = [&](Angle angle) {
        Circuit circuit = three();
        circuit.gate(GateId::rzz, {0, 1}, {std::move(angle)});
        return circuit;
    };
    EXPECT_NO_THROW(prepare(std::vector{pub_of(with(0.0)), pub_of(with(std::numbers::pi / 2 + 5e-11))}));
    EXPECT_TELLS(refusal(std::vector{pub_of(with(std::numbers::pi / 2 + 1e-9))}), "rzz with the angle 1.57");
    EXPECT_TELLS(refusal(std::vector{pub_of(with(-0.1))}), "outside 0 to");
    Circuit circuit = three();
    const Angle t = circuit.parameter("t");
    circuit.gate(GateId::rzz, {0, 1}, {t * 2.0});
    SamplerPub pub = pub_of(circuit);
    pub.parameters = ParameterMatrix(2, 1, {0.7, 0.8});
    EXPECT_TELLS(refusal(std::vector{pub}), "rzz with the angle 1.6 in row 1");
    pub.parameters = ParameterMatrix(2, 1, {0.7, 0.75});
    EXPECT_NO_THROW(prepare(std::vector{pub}));
}

TEST_F(Validation, control_flow_beyond_the_services) {
    const auto in_branch = [](const std::function<void(Circuit&)>& body) {
        Circuit circuit = three();
        circuit.measure(0, 0).if_else({{0}, 1}, body);
        return std::vector{pub_of(circuit)};
    };
    EXPECT_TELLS(refusal(in_branch([](Circuit& body) { body.measure(1, 1); })),
                 "unsupported: PUB 0, operation 1: the service takes no measurement inside");
    EXPECT_TELLS(refusal(in_branch([](Circuit& body) { body.reset(1); })), "no reset inside");
    EXPECT_TELLS(refusal(in_branch([](Circuit& body) {
                     body.if_else({{1}, 1}, [](Circuit& inner) { inner.x(1); });
                 })),
                 "no branch inside");
    Circuit wide(3, 33);
    std::vector<Clbit> bits(33);
    for (Clbit bit = 0; bit < 33; ++bit) bits[bit] = bit;
    wide.if_else({bits, 1}, [](Circuit& body) { body.x(0); });
    EXPECT_TELLS(refusal(std::vector{pub_of(wide)}), "condition on 33 bits");
    json configuration = line_configuration();
    configuration["supported_instructions"] = {"measure"};
    ibm.set_device(configuration, line_properties());
    EXPECT_TELLS(refusal(in_branch([](Circuit& body) { body.x(1); })), "does not branch");
    EXPECT_TELLS(refusal(std::vector{pub_of(three().reset(0))}), "has no reset");
}

TEST_F(Validation, features_that_exclude_each_other) {
    Circuit dynamic = three();
    dynamic.measure(0, 0).if_else({{0}, 1}, [](Circuit& body) { body.x(1); });
    const json decoupling{{"dynamical_decoupling", {{"enable", true}}}};
    const json twirling{{"twirling", {{"enable_gates", true}}}};
    EXPECT_TELLS(refusal(std::vector{pub_of(dynamic)}, decoupling),
                 "dynamical decoupling and dynamic circuits");
    EXPECT_NO_THROW(prepare(std::vector{pub_of(three().x(0))}, decoupling));
    EXPECT_EQ(prepare(std::vector{pub_of(dynamic)}, twirling).warnings.size(), 1u);
    ibm.has_fractional_gates = true;
    const Circuit fractional = three().rx(0.5, 0);
    EXPECT_TELLS(refusal(std::vector{pub_of(fractional)}, twirling), "gate twirling and fractional gates");
    const EstimatorPub estimated{.circuit = std::make_shared<const Circuit>(fractional),
                                 .observables = {Observable::z(0)}};
    EXPECT_NO_THROW(prepare(std::vector{estimated}));
    EXPECT_TELLS(refusal(std::vector{estimated}, {{"resilience_level", 2}}), "gate twirling");
    EXPECT_TELLS(refusal(std::vector{estimated}, {{"resilience", {{"pec_mitigation", true}}}}),
                 "cancellation");
}

TEST_F(Validation, estimators_take_static_circuits_and_sound_observables) {
    const auto with = [](Circuit circuit, std::vector<Observable> observables) {
        return std::vector{EstimatorPub{.circuit = std::make_shared<const Circuit>(std::move(circuit)),
                                        .observables = std::move(observables)}};
    };
    Circuit dynamic = three();
    dynamic.measure(0, 0).if_else({{0}, 1}, [](Circuit& body) { body.x(1); });
    EXPECT_TELLS(refusal(with(dynamic, {Observable::z(0)})),
                 "unsupported: PUB 0: IBM's estimator takes no dynamic");
    EXPECT_TELLS(refusal(with(three().measure(0, 0).x(0), {Observable::z(0)})), "no dynamic");
    EXPECT_TELLS(refusal(with(three(), {})), "has no observables");
    EXPECT_TELLS(refusal(with(three(), {Observable{}})), "observable 0 has no terms");
    EXPECT_TELLS(refusal(with(three(), {Observable{{{std::nan(""), {}}}}})), "coefficient nan");
    EXPECT_TELLS(refusal(with(three(), {Observable::z(3)})), "PUB 0: an observable names qubit 3");
}

TEST_F(Validation, amounts) {
    const Circuit circuit = three().measure(0, 0);
    EXPECT_TELLS(refusal(std::vector{pub_of(circuit, 0)}), "PUB 0: 0 shots");
    EXPECT_TELLS(refusal(std::vector{pub_of(circuit, 2001)}), "PUB 0: 2001 shots, the device takes 2000");
    EXPECT_TELLS(refusal(std::vector<SamplerPub>(6, pub_of(circuit, 1))), "6 PUBs, the device takes 5");
    EXPECT_TELLS(refusal(std::vector<SamplerPub>{}), "no PUBs");
    SamplerPub many = pub_of(circuit, 1000);
    many.parameters = ParameterMatrix(10'001, 0);
    EXPECT_TELLS(refusal(std::vector{many}), "a job may 10000000");
    Circuit free = three();
    free.rz(free.parameter("t"), 0).measure(0, 0);
    SamplerPub endless = pub_of(free, 1);
    endless.parameters = ParameterMatrix(1, 1, {std::numeric_limits<double>::infinity()});
    EXPECT_TELLS(refusal(std::vector{endless}), "the value inf in row 0");
    EXPECT_TELLS(refusal(std::vector{pub_of(circuit, 1)}, {{"execution", {{"rep_delay", 0.001}}}}),
                 "outside the device's 0 to 0.0005 s");
    EXPECT_NO_THROW(prepare(std::vector{pub_of(circuit, 1)}, {{"execution", {{"rep_delay", 0.0005}}}}));
}

TEST_F(Validation, register_names_are_no_words_of_python) {
    Circuit circuit(3);
    circuit.add_clbits("lambda", 1);
    circuit.measure(0, 0);
    EXPECT_TELLS(refusal(std::vector{pub_of(circuit)}), "\"lambda\", a word of Python");
}

TEST_F(Validation, a_simulator_takes_any_gate) {
    json configuration = line_configuration();
    configuration["simulator"] = true;
    ibm.set_device(configuration, line_properties());
    EXPECT_NO_THROW(prepare(std::vector{pub_of(three().h(0).cx(0, 2).measure(0, 0))}));
}

}  // namespace
}  // namespace qdcnn::vendors::ibm
