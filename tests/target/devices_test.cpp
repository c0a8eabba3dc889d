#include "qdcnn/target/devices.h"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <numbers>

#include "qdcnn/base/error.h"
#include "qdcnn/base/files.h"

namespace qdcnn::target {
namespace {

constexpr double kPi = std::numbers::pi;

void expect_same(double a, double b, const char* what) {
    if (std::isnan(a) && std::isnan(b)) return;
    EXPECT_EQ(a, b) << what;
}

void expect_equal(const Target& a, const Target& b) {
    EXPECT_EQ(a.name, b.name);
    EXPECT_EQ(a.vendor, b.vendor);
    EXPECT_EQ(a.source, b.source);
    EXPECT_EQ(a.date, b.date);
    EXPECT_EQ(a.num_qubits, b.num_qubits);
    EXPECT_EQ(a.error_kind, b.error_kind);
    expect_same(a.dt, b.dt, "dt");
    ASSERT_EQ(a.native_gates.size(), b.native_gates.size());
    for (std::size_t i = 0; i < a.native_gates.size(); ++i) {
        EXPECT_EQ(a.native_gates[i].gate, b.native_gates[i].gate);
        EXPECT_EQ(a.native_gates[i].name, b.native_gates[i].name);
        EXPECT_EQ(a.native_gates[i].is_virtual, b.native_gates[i].is_virtual);
        ASSERT_EQ(a.native_gates[i].ranges.size(), b.native_gates[i].ranges.size());
        for (std::size_t k = 0; k < a.native_gates[i].ranges.size(); ++k) {
            EXPECT_EQ(a.native_gates[i].ranges[k].low, b.native_gates[i].ranges[k].low);
            EXPECT_EQ(a.native_gates[i].ranges[k].high, b.native_gates[i].ranges[k].high);
            EXPECT_EQ(a.native_gates[i].ranges[k].allowed, b.native_gates[i].ranges[k].allowed);
        }
    }
    EXPECT_EQ(a.has_virtual_z, b.has_virtual_z);
    EXPECT_EQ(a.all_to_all, b.all_to_all);
    EXPECT_EQ(a.edges, b.edges);
    EXPECT_EQ(a.has_mid_circuit_measurement, b.has_mid_circuit_measurement);
    EXPECT_EQ(a.has_feed_forward, b.has_feed_forward);
    EXPECT_EQ(a.has_reset, b.has_reset);
    ASSERT_EQ(a.qubits.size(), b.qubits.size());
    for (std::size_t q = 0; q < a.qubits.size(); ++q) {
        expect_same(a.qubits[q].t1, b.qubits[q].t1, "t1");
        expect_same(a.qubits[q].t2, b.qubits[q].t2, "t2");
        expect_same(a.qubits[q].readout_error, b.qubits[q].readout_error, "readout_error");
        expect_same(a.qubits[q].prob_meas1_prep0, b.qubits[q].prob_meas1_prep0, "prob_meas1_prep0");
        expect_same(a.qubits[q].prob_meas0_prep1, b.qubits[q].prob_meas0_prep1, "prob_meas0_prep1");
        expect_same(a.qubits[q].readout_duration, b.qubits[q].readout_duration, "readout_duration");
        EXPECT_EQ(a.qubits[q].is_operational, b.qubits[q].is_operational);
    }
    ASSERT_EQ(a.gates.size(), b.gates.size());
    for (auto i = a.gates.begin(), j = b.gates.begin(); i != a.gates.end(); ++i, ++j) {
        EXPECT_EQ(i->first, j->first);
        expect_same(i->second.error, j->second.error, "gate error");
        expect_same(i->second.duration, j->second.duration, "gate duration");
    }
    ASSERT_EQ(a.defaults.size(), b.defaults.size());
    for (auto i = a.defaults.begin(), j = b.defaults.begin(); i != a.defaults.end(); ++i, ++j) {
        EXPECT_EQ(i->first, j->first);
        expect_same(i->second.error, j->second.error, "default error");
        expect_same(i->second.duration, j->second.duration, "default duration");
    }
}

/// The kind and text of what reading throws.
std::pair<ErrorKind, std::string> refusal(const std::string& text) {
    try {
        target_from_json(text, "my.json");
    } catch (const Error& error) {
        return {error.kind(), error.what()};
    }
    ADD_FAILURE() << "nothing was thrown for " << text;
    return {ErrorKind::internal, ""};
}

/// A small device with one thing replaced.
std::string small(const std::string& from = "", const std::string& to = "") {
    std::string text = R"({"schema": "qdcnn.target/1", "name": "tiny", "num_qubits": 3,
        "native": [{"name": "rz", "virtual": true}, {"name": "sx"}, {"name": "rzz", "ranges": [[0, 1.5]]}],
        "edges": [[0, 1], [2, 1]],
        "qubits": {"t1": [1e-4, 2e-4, null], "t2": 3e-4, "faulty": [2]},
        "gates": {"rzz": {"on": "edges", "error": [0.01, 1], "duration": 1e-7}},
        "defaults": {"measure": {"error": 0.02, "duration": null}}})";
    if (!from.empty()) {
        const auto at = text.find(from);
        EXPECT_NE(at, std::string::npos) << from;
        text.replace(at, from.size(), to);
    }
    return text;
}

TEST(OwnForm, IsReadFieldByField) {
    const Target target = target_from_json(small(), "my.json");
    EXPECT_EQ(target.name, "tiny");
    EXPECT_EQ(target.num_qubits, 3u);
    EXPECT_TRUE(target.native_gates[0].is_virtual);
    EXPECT_EQ(target.native_gates[2].ranges[0].high, 1.5);
    EXPECT_EQ(target.edges, (std::vector<std::pair<Qubit, Qubit>>{{0, 1}, {1, 2}})) << "rzz is symmetric";
    EXPECT_EQ(target.qubits[0].t2, 2e-4) << "taken down to 2 T1";
    EXPECT_EQ(target.qubits[1].t2, 3e-4);
    EXPECT_FALSE(target.qubits[2].is_operational);
    EXPECT_TRUE(target.is_neighbour(0, 1));
    EXPECT_FALSE(target.is_neighbour(1, 2)) << "error 1, and a faulty qubit";
    EXPECT_EQ(target.properties_of("rzz", {1, 0}).error, 0.01);
    EXPECT_EQ(target.readout_flips(1), (std::pair{0.02, 0.02}));
}

TEST(OwnForm, RefusesAndNamesThePlace) {
    auto expect = [](const std::string& from, const std::string& to, ErrorKind kind,
                     const std::string& part) {
        const auto [got, message] = refusal(small(from, to));
        EXPECT_EQ(got, kind) << message;
        EXPECT_NE(message.find(part), std::string::npos) << message;
        EXPECT_NE(message.find("my.json"), std::string::npos) << message;
    };
    expect("\"num_qubits\": 3", "\"num_qubits\": 0", ErrorKind::invalid_input, "num_qubits");
    expect("[2, 1]", "[2, 3]", ErrorKind::invalid_input, "edges[1]");
    expect("[2, 1]", "[1, 1]", ErrorKind::invalid_input, "edges[1]");
    expect("0.01, 1]", "0.01, 1.5]", ErrorKind::invalid_input, "1.5");
    expect("0.01, 1]", "0.01]", ErrorKind::invalid_input, "gates.rzz.error");
    expect("0.01, 1]", "0.01, \"x\"]", ErrorKind::invalid_input, "gates.rzz.error[1]");
    expect("\"sx\"", "\"sxx\"", ErrorKind::unsupported, "native[1].name");
    expect("1e-4, 2e-4", "-1e-4, 2e-4", ErrorKind::invalid_input, "t1 of qubit 0");
    expect("[[0, 1.5]]", "[[1.5, 0]]", ErrorKind::invalid_input, "native[2].ranges[0]");
    expect("[[0, 1], [2, 1]]", "5", ErrorKind::invalid_input, "edges");
    expect("qdcnn.target/1", "qdcnn.target/9", ErrorKind::invalid_input, "schema");
    expect("\"faulty\": [2]", "\"faulty\": [7]", ErrorKind::invalid_input, "faulty[0]");
    EXPECT_EQ(refusal("{\"schema\": ").first, ErrorKind::parse);
    EXPECT_EQ(refusal("{}").first, ErrorKind::invalid_input);
    EXPECT_EQ(refusal("[1]").first, ErrorKind::invalid_input);
}

TEST(OwnForm, RefusesWhatItWouldOtherwisePassOver) {
    auto expect = [](const std::string& from, const std::string& to, const std::string& part) {
        SCOPED_TRACE(to);
        const auto [got, message] = refusal(small(from, to));
        EXPECT_EQ(got, ErrorKind::invalid_input) << message;
        EXPECT_NE(message.find(part), std::string::npos) << message;
    };
    expect("\"virtual\"", "\"virtaul\"", "native[0].virtaul");
    expect("\"edges\": [[", "\"edge\": [], \"edges\": [[", "edge: no such key");
    expect("\"t1\"", "\"T1\"", "qubits.T1");
    expect("\"error\": [0.01, 1]", "\"errors\": [0.01, 1]", "gates.rzz.errors");
    expect("\"error\": 0.02", "\"eror\": 0.02", "defaults.measure.eror");
    expect("[[0, 1.5]]", "[{\"allowed\": [1.0], \"step\": 1}]", "native[2].ranges[0].step");
    expect("{\"rzz\": {\"on\"", "{\"rz_z\": {\"on\"", "gates.rz_z: the device has no native gate \"rz_z\"");
    expect("{\"measure\"", "{\"mesure\"", "defaults.mesure: the device has no native gate \"mesure\"");
    expect("\"on\": \"edges\"", "\"on\": \"qubits\"", "gates.rzz.on: rzz acts on 2 qubit(s), found 1");
    expect("\"on\": \"edges\"", "\"on\": [[0, 1], [2]]", "gates.rzz.on[1]: rzz acts on 2 qubit(s), found 1");
    expect("\"on\": \"edges\"", "\"on\": [[0, 1], []]", "gates.rzz.on[1]: rzz acts on 2 qubit(s), found 0");
    expect("\"on\": \"edges\"", "\"on\": [[0, 1], [2, 2]]", "gates.rzz.on[1]: qubit 2 is named twice");
    for (const std::string dt : {"0", "-1e-9"})
        expect("\"num_qubits\": 3", "\"num_qubits\": 3, \"dt\": " + dt, "dt is ");
    EXPECT_EQ(target_from_json(small("\"num_qubits\": 3", "\"num_qubits\": 3, \"dt\": 1e-9"), "f").dt, 1e-9);
}

TEST(Bundled, UnknownNameHasASuggestion) {
    try {
        load_target("ibm_torina");
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::not_found);
        EXPECT_NE(error.hint().find("ibm_torino"), std::string::npos) << error.hint();
    }
}

TEST(Bundled, EveryDeviceIsWholeAndRoundTrips) {
    ASSERT_GE(bundled_devices().size(), 6u);
    for (const std::string& name : bundled_devices()) {
        SCOPED_TRACE(name);
        const Target target = load_target(name);
        EXPECT_EQ(target.name, name);
        EXPECT_FALSE(target.source.empty());
        EXPECT_FALSE(target.vendor.empty());
        expect_equal(target, target_from_json(target_to_json(target), name));
        bool has_pair = false;
        for (const NativeGate& native : target.native_gates) {
            const auto& row = circuit::gate_row(native.gate);
            EXPECT_EQ(circuit::find_gate(native.name), &row);
            EXPECT_EQ(native.ranges.size(), static_cast<std::size_t>(row.parameters));
            has_pair = has_pair || row.qubits == 2;
        }
        EXPECT_TRUE(has_pair);
        if (!target.all_to_all) {
            for (const auto& list : target.neighbours()) EXPECT_LE(list.size(), 4u);
        }
    }
}

TEST(Bundled, IbmDevicesHoldTheirCalibration) {
    const Target torino = load_target("ibm_torino");
    EXPECT_EQ(torino.num_qubits, 133u);
    EXPECT_EQ(torino.edges.size(), 150u);
    EXPECT_NE(torino.find_native(GateId::cz), nullptr);
    EXPECT_EQ(torino.find_native(GateId::rzz), nullptr) << "not among the basis gates";
    EXPECT_NEAR(torino.qubits[3].t1, 253.88149621176157e-6, 1e-15);
    EXPECT_NEAR(torino.qubits[23].t2, 2 * 66.59007056051414e-6, 1e-15) << "above 2 T1 in the source";
    EXPECT_EQ(torino.readout_flips(3), (std::pair{0.0078125, 0.0224609375}));
    EXPECT_NEAR(torino.qubits[3].readout_duration, 1.56e-6, 1e-15);
    EXPECT_NEAR(torino.dt, 4e-9, 1e-20);
    EXPECT_NEAR(torino.properties_of("cz", {68, 67}).error, 0.003096991047570219, 1e-15);
    EXPECT_NEAR(torino.properties_of("cz", {67, 68}).duration, 88e-9, 1e-18);
    EXPECT_FALSE(torino.is_neighbour(19, 20)) << "error 1: out of order";
    EXPECT_TRUE(torino.has_feed_forward && torino.has_reset && torino.has_mid_circuit_measurement);

    const Target sherbrooke = load_target("ibm_sherbrooke");
    EXPECT_EQ(sherbrooke.num_qubits, 127u);
    EXPECT_EQ(sherbrooke.edges.size(), 144u);
    EXPECT_TRUE(sherbrooke.is_coupled(1, 0));
    EXPECT_FALSE(sherbrooke.is_coupled(0, 1)) << "ecr has one direction";
}

TEST(Bundled, AnglesAreInRadians) {
    const Target ionq = load_target("ionq_aria");
    const NativeGate* ms = ionq.find_native(GateId::ms);
    ASSERT_NE(ms, nullptr);
    EXPECT_NEAR(ms->ranges[2].low, 0, 1e-15);
    EXPECT_NEAR(ms->ranges[2].high, kPi / 2, 1e-12) << "0.25 turns";
    EXPECT_TRUE(ionq.has_virtual_z);
    const Target iqm = load_target("iqm_garnet");
    EXPECT_TRUE(iqm.has_virtual_z);
    EXPECT_EQ(iqm.find_native(GateId::r)->name, "prx");
    EXPECT_EQ(iqm.error_kind, ErrorKindOfTarget::depolarizing_parameter);
}

TEST(BenchmarkForm, ReadsRangesInWords) {
    auto text = [](const std::string& words) {
        return R"({"format": 1, "name": "x", "vendor": "y", "num_qubits": 2, "error_kind": "average_gate_infidelity",
          "native": {"one_qubit": [{"name": "rx", "params": [")" +
               words + R"("]}],
                     "two_qubit": [{"name": "cz", "params": []}]},
          "directed": false, "edges": [[1, 0]], "gates": {"cz": {"1,0": {"error": 0.25, "duration_s": null}}}})";
    };
    auto range = [&](const std::string& words) {
        return target_from_json(text(words), "f").native_gates[0].ranges[0];
    };
    EXPECT_EQ(range("any").high, std::numeric_limits<double>::infinity());
    EXPECT_NEAR(range("0 <= theta <= pi/2").high, kPi / 2, 1e-15);
    EXPECT_NEAR(range("-pi <= theta <= 2*pi").low, -kPi, 1e-15);
    EXPECT_NEAR(range("theta: 0 to 0.25 turn").high, kPi / 2, 1e-15);
    EXPECT_EQ(range("one of +-pi/2, +-pi").allowed, (std::vector{kPi / 2, -kPi / 2, kPi, -kPi}));
    EXPECT_EQ(refusal(text("on Sundays")).first, ErrorKind::unsupported);
    const Target target = target_from_json(text("any"), "f");
    EXPECT_EQ(target.edges, (std::vector<std::pair<Qubit, Qubit>>{{0, 1}}));
    EXPECT_EQ(target.properties_of("cz", {0, 1}).error, 0.25);
    EXPECT_FALSE(target.has_reset);
}

TEST(BenchmarkForm, RefusesFiguresOfNothing) {
    auto text = [](const std::string& figures) {
        return R"({"format": 1, "name": "x", "num_qubits": 3, "error_kind": "average_gate_infidelity",
          "note": "a remark", "native": {"one_qubit": [{"name": "rz", "params": ["any"]}],
          "two_qubit": [{"name": "cz", "params": []}]}, "edges": [[0, 1], [1, 2]], )" +
               figures + "}";
    };
    EXPECT_EQ(target_from_json(text(R"("gates": {"cz": {"1,2": {"error": 0.25}}})"), "f").gates.size(), 1u);
    for (const auto& [figures, part] : {
             std::pair(R"("gates": {"czz": {"0,1": {"error": 0.1}}})",
                       "gates.czz: the device has no native gate"),
             std::pair(R"("default_error": {"rzx": 0.1})",
                       "default_error.rzx: the device has no native gate"),
             std::pair(R"("default_duration_s": {"mesure": 1e-6})",
                       "default_duration_s.mesure: the device has"),
             std::pair(R"("gates": {"cz": {"1": {"error": 0.1}}})",
                       "gates.cz.1: cz acts on 2 qubit(s), found 1"),
             std::pair(R"("gates": {"rz": {"0,1": {"error": 0.1}}})", "gates.rz.0,1: rz acts on 1 qubit(s)"),
             std::pair(R"("measure": {"0,1": {"error": 0.1}})",
                       "measure.0,1: measure acts on 1 qubit(s), found 2"),
         }) {
        SCOPED_TRACE(figures);
        const auto [kind, message] = refusal(text(figures));
        EXPECT_EQ(kind, ErrorKind::invalid_input) << message;
        EXPECT_NE(message.find(part), std::string::npos) << message;
    }
}

TEST(DeviceFiles, PathsTheSystemCannotFollowAreErrorsOfTheUser) {
    const auto folder = std::filesystem::temp_directory_path() / "qdcnn_device_paths_test";
    std::filesystem::remove_all(folder);
    make_folders(folder.string());
    auto expect = [](const std::string& path) {
        SCOPED_TRACE(path.substr(0, 80));
        try {
            read_target(path);
            ADD_FAILURE() << "read";
        } catch (const Error& error) {
            EXPECT_NE(error.kind(), ErrorKind::internal) << error.what();
        }
    };
    expect(std::string(5000, 'x'));
    for (const char* loop : {"loop", "properties.json"})
        std::filesystem::create_symlink(folder / loop, folder / loop);
    expect((folder / "loop").string());
    write_file_atomic((folder / "configuration.json").string(), "{\"basis_gates\": []}");
    expect((folder / "configuration.json").string());
    std::filesystem::remove_all(folder);
}

TEST(IbmFiles, UnitsAndFaultyQubits) {
    const std::string configuration =
        R"({"backend_name": "ibm_x", "n_qubits": 2, "dt": 2.0, "basis_gates": ["rz", "sx", "rzz"],
        "coupling_map": [[0, 1], [1, 0]], "supported_instructions": ["reset"]})";
    const std::string properties = R"({"backend_version": "1", "last_update_date": "2025-01-01T00:00:00Z",
        "qubits": [[{"name": "T1", "unit": "us", "value": 100}, {"name": "operational", "unit": "", "value": 0}],
                   [{"name": "T2", "unit": "ms", "value": 0.1}, {"name": "readout_length", "unit": "ns", "value": 500}]],
        "gates": [{"gate": "rzz", "qubits": [0, 1], "parameters": [{"name": "gate_error", "unit": "", "value": 0.5},
                    {"name": "gate_length", "unit": "ns", "value": 80}]},
                  {"gate": "cz", "qubits": [0, 1], "parameters": []}]})";
    const Target target = target_from_ibm(configuration, properties);
    EXPECT_NEAR(target.dt, 2e-9, 1e-20);
    EXPECT_NEAR(target.qubits[0].t1, 1e-4, 1e-15);
    EXPECT_FALSE(target.qubits[0].is_operational);
    EXPECT_NEAR(target.qubits[1].t2, 1e-4, 1e-15);
    EXPECT_NEAR(target.qubits[1].readout_duration, 5e-7, 1e-18);
    EXPECT_EQ(target.gates.size(), 1u) << "cz is no basis gate";
    EXPECT_NEAR(target.find_native(GateId::rzz)->ranges[0].high, kPi / 2, 1e-15);
    EXPECT_TRUE(target.has_reset);
    EXPECT_FALSE(target.has_feed_forward);
    EXPECT_THROW(target_from_ibm(configuration, "{}"), Error);

    const auto folder = std::filesystem::temp_directory_path() / "qdcnn_ibm_files_test";
    make_folders(folder.string());
    write_file_atomic((folder / "configuration.json").string(), configuration);
    std::filesystem::remove(folder / "properties.json");
    EXPECT_THROW(read_target((folder / "configuration.json").string()), Error) << "its companion is missing";
    write_file_atomic((folder / "properties.json").string(), properties);
    for (const char* name : {"", "configuration.json", "properties.json"})
        expect_equal(read_target((folder / name).string()), target);
    std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace qdcnn::target
