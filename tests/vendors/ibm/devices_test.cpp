#include "vendors/ibm/devices.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "qdcnn/base/files.h"
#include "scripted_ibm.h"
#include "support/shared_files.h"

namespace qdcnn::vendors::ibm {
namespace {

using http::Method;
using nlohmann::json;

std::string names_of(const target::Target& target) {
    std::string names;
    for (const auto& native : target.native_gates) names += native.name + " ";
    return names;
}

TEST(Devices, target_without_and_with_fractional_gates) {
    ScriptedIbm ibm;
    const target::Target plain = ibm.service()->target("line");
    EXPECT_EQ(names_of(plain), "cz id rz sx x ");
    EXPECT_DOUBLE_EQ(plain.dt, 4e-9);
    EXPECT_DOUBLE_EQ(plain.qubits[2].readout_duration, 1e-6);
    EXPECT_TRUE(plain.is_dynamic());
    ibm.has_fractional_gates = true;
    const target::Target fractional = ibm.service()->target("line");
    EXPECT_EQ(names_of(fractional), "cz id rx rz rzz sx x ");
    const auto* rzz = fractional.find_native(circuit::GateId::rzz);
    ASSERT_NE(rzz, nullptr);
    EXPECT_EQ(rzz->ranges[0].low, 0.0);
    EXPECT_DOUBLE_EQ(rzz->ranges[0].high, std::numbers::pi / 2);
}

TEST(Devices, fractional_gates_that_are_not_there_are_an_error) {
    ScriptedIbm ibm;
    json configuration = line_configuration();
    configuration["basis_gates"] = {"cz", "rz", "sx", "x"};
    ibm.set_device(configuration, line_properties());
    ibm.has_fractional_gates = true;
    EXPECT_EQ(error_from([&] { ibm.service()->target("line"); }).kind(), ErrorKind::unsupported);
}

TEST(Devices, faulty_places_and_gaps_of_one_gate) {
    ScriptedIbm ibm;
    json configuration = line_configuration(), properties = line_properties();
    // Qubit 2 is out of order; rzz is on one pair only.
    properties["qubits"][2].push_back(figure("operational", 0));
    configuration["gates"].push_back(
        {{"name", "rzz"}, {"parameters", {"t"}}, {"coupling_map", {{1, 0}, {0, 1}}}});
    configuration["gates"].push_back(
        {{"name", "rx"}, {"parameters", {"t"}}, {"coupling_map", {json::array({1})}}});
    ibm.set_device(configuration, properties);
    ibm.has_fractional_gates = true;
    const target::Target target = ibm.service()->target("line");
    const auto* rzz = target.find_native(circuit::GateId::rzz);
    EXPECT_TRUE(target.is_available(*rzz, 0, 1));
    EXPECT_FALSE(target.is_available(*rzz, 1, 2));
    EXPECT_FALSE(target.qubits[2].is_operational);
    EXPECT_FALSE(target.is_coupled(1, 2));
    EXPECT_EQ(target.properties_of("rx", {0}).error, 1.0);
    EXPECT_FALSE(target.properties_of("rx", {1}).error >= 1.0);

    properties = line_properties();
    properties["gates"].back()["parameters"].push_back(figure("operational", 0));
    ibm.set_device(line_configuration(), properties);
    ibm.has_fractional_gates = false;
    const target::Target edge = ibm.service()->target("line");
    EXPECT_FALSE(edge.is_coupled(1, 2));
    EXPECT_TRUE(edge.is_coupled(0, 1));
}

TEST(Devices, without_a_calibration) {
    ScriptedIbm ibm;
    ibm.set_device(line_configuration(), json::object());
    const target::Target target = ibm.service()->target("line");
    EXPECT_EQ(target.num_qubits, 3u);
    EXPECT_TRUE(std::isnan(target.qubits[0].t1));
    EXPECT_TRUE(target.is_coupled(0, 1));
}

TEST(Devices, limits_and_their_defaults) {
    ScriptedIbm ibm;
    EXPECT_EQ(ibm.service()->limits("line").max_shots, 2000u);
    EXPECT_EQ(ibm.service()->limits("line").max_pubs, 5u);
    EXPECT_EQ(ibm.service()->limits("line").submits_per_minute, 5);
    json configuration = line_configuration();
    configuration.erase("max_shots");
    ibm.set_device(configuration, line_properties());
    EXPECT_GT(ibm.service()->limits("line").max_shots, 2000u);
}

TEST(Devices, calibration_id_goes_with_both_documents) {
    ScriptedIbm ibm;
    ibm.transport.expect(Method::get, kBase + "/backends/line/configuration?calibration_id=c%2F1",
                         reply(200, "{}"));
    ibm.transport.expect(
        Method::get,
        kBase + "/backends/line/properties?calibration_id=c%2F1&updated_before=2026-01-01T00%3A00%3A00Z",
        reply(200, "{}"));
    ibm.service()->device_documents("line", "c/1", "2026-01-01T00:00:00Z");
    EXPECT_EQ(ibm.transport.expectations_left(), 0u);
}

struct Listing : ScriptedIbm {
    Listing() {
        transport.always(Method::post, kHost + "/v3/resources/search?limit=100", [](const http::Request&) {
            return reply(
                200, to_text(json{
                         {"items", json::array({{{"crn", kCrn}, {"doc", {{"extensions", {{"x", 1}}}}}}})}}));
        });
        const auto device = [](const char* name, const char* status, int qubits, int queue) {
            return json{
                {"name", name}, {"status", {{"name", status}}}, {"qubits", qubits}, {"queue_length", queue}};
        };
        json devices{device("busy", "online", 100, 50), device("small", "online", 5, 1),
                     device("free", "online", 27, 7), device("off", "offline", 100, 0)};
        devices.push_back(device("mock_free", "online", 100, 0));
        devices.back()["class"] = "mock";
        transport.always(Method::get, kBase + "/backends", [devices](const http::Request&) {
            return reply(200, to_text(json{{"devices", devices}}));
        });
    }
};

TEST(Devices, least_busy_is_online_wide_enough_and_no_mock) {
    Listing ibm;
    const auto service = ibm.service();
    EXPECT_EQ(service->least_busy().name, "small");
    EXPECT_EQ(service->least_busy(20).name, "free");
    EXPECT_EQ(service->least_busy(28).name, "busy");
    EXPECT_EQ(error_from([&] { service->least_busy(101); }).kind(), ErrorKind::not_found);
    EXPECT_EQ(service->devices().at(3).status, "offline");
    EXPECT_FALSE(service->devices().at(3).is_online);
}

TEST(Devices, unknown_device_gets_did_you_mean) {
    Listing ibm;
    ibm.transport.always(Method::get, kBase + "/backends/smal/configuration",
                         [](const http::Request&) { return reply(404, "{}"); });
    const Error error = error_from([&] { ibm.service()->target("smal"); });
    EXPECT_EQ(error.kind(), ErrorKind::not_found);
    EXPECT_NE(error.hint().find("small"), std::string::npos) << error.hint();
}

TEST(Devices, status_of_one) {
    ScriptedIbm ibm;
    ibm.transport.expect(
        Method::get, kBase + "/backends/line/status",
        reply(200, R"({"state":true,"status":"active","message":"available","length_queue":-1})"));
    const DeviceSummary status = ibm.service()->device_status("line");
    EXPECT_TRUE(status.is_online);
    EXPECT_EQ(status.status, "active");
    EXPECT_EQ(status.queue_length, 0);
}

TEST(Devices, recorded_device) {
    const std::string folder = "rest/fixtures/ibm/backends/ibm_torino/";
    const auto configuration = test::shared_file(folder + "configuration.json");
    const auto properties = test::shared_file(folder + "properties.json");
    if (!configuration || !properties) return;  // The tests above hold without it.
    const DeviceFacts facts =
        read_facts({read_file(*configuration), read_file(*properties)}, "ibm_torino", false);
    EXPECT_EQ(facts.target.num_qubits, 133u);
    EXPECT_DOUBLE_EQ(facts.target.dt, 4e-9);
    EXPECT_DOUBLE_EQ(facts.default_rep_delay, 0.00025);
    EXPECT_DOUBLE_EQ(facts.rep_delay_range.value().second, 0.0005);
    EXPECT_DOUBLE_EQ(facts.target.properties_of("cz", {0, 1}).error, 0.004854875406855308);
    EXPECT_NEAR(facts.target.qubits[0].t1, 0.0002240872756806737, 1e-18);
    EXPECT_EQ(facts.target.edges.size(), 150u);  // 300 directed ones.
}

}  // namespace
}  // namespace qdcnn::vendors::ibm
