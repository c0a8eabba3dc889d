#pragma once

#include <memory>
#include <string>

#include "qdcnn/base/json.h"
#include "qdcnn/base/virtual_clock.h"
#include "qdcnn/http/scripted_transport.h"
#include "qdcnn/vendors/ibm/service.h"

namespace qdcnn::vendors::ibm {

inline const std::string kCrn =
    "crn:v1:bluemix:public:quantum-computing:us-east:a/0123456789abcdef0123456789abcdef:"
    "11111111-2222-3333-4444-555555555555::";
inline const std::string kHost = "http://127.0.0.1:9";
inline const std::string kBase = kHost + "/experimental/api/v1";

inline http::Outcome reply(int status, const std::string& body = "", http::Headers headers = {}) {
    return http::Response{.status = status, .headers = std::move(headers), .body = body};
}

inline std::string token_reply(const std::string& token, int lifetime = 3600) {
    return R"({"access_token":")" + token + R"(","token_type":"Bearer","expires_in":)" +
           std::to_string(lifetime) + "}";
}

/// A line of three qubits; gates of the device `line`.
inline nlohmann::json line_configuration() {
    return nlohmann::json::parse(R"({
        "backend_name": "line", "backend_version": "1.0.0", "n_qubits": 3,
        "basis_gates": ["cz", "id", "rx", "rz", "rzz", "sx", "x"],
        "gates": [{"name": "cz", "parameters": [], "qasm_def": "", "coupling_map": [[0, 1], [1, 2]]}],
        "local": false, "simulator": false, "conditional": false, "open_pulse": false, "memory": true,
        "coupling_map": [[0, 1], [1, 0], [1, 2], [2, 1]], "online_date": "2024-01-01T00:00:00Z",
        "supported_instructions": ["cz", "rz", "sx", "x", "measure", "reset", "delay", "if_else"],
        "dt": 4.0, "max_shots": 2000, "max_experiments": 5, "default_rep_delay": 250.0,
        "rep_delay_range": [0.0, 500.0]})");
}

inline nlohmann::json figure(const char* name, double value, const char* unit = "") {
    return {{"date", "2026-01-01T00:00:00Z"}, {"name", name}, {"unit", unit}, {"value", value}};
}

inline nlohmann::json line_properties() {
    nlohmann::json qubits = nlohmann::json::array(), gates = nlohmann::json::array();
    for (int q = 0; q < 3; ++q) {
        qubits.push_back({figure("T1", 100, "us"), figure("T2", 80, "us"), figure("readout_error", 0.01),
                          figure("readout_length", 1000, "ns")});
        for (const char* gate : {"sx", "x"})
            gates.push_back({{"gate", gate},
                             {"qubits", {q}},
                             {"parameters", {figure("gate_error", 0.001), figure("gate_length", 40, "ns")}}});
    }
    for (int q = 0; q < 2; ++q)
        gates.push_back({{"gate", "cz"},
                         {"qubits", {q, q + 1}},
                         {"parameters", {figure("gate_error", 0.01), figure("gate_length", 100, "ns")}}});
    return {{"backend_name", "line"},
            {"backend_version", "1.0.0"},
            {"last_update_date", "2026-01-01T00:00:00Z"},
            {"qubits", qubits},
            {"gates", gates},
            {"general", nlohmann::json::array()}};
}

/// A service whose replies a test writes, on a clock that a test moves.
struct ScriptedIbm {
    http::ScriptedTransport transport;
    VirtualClock clock;
    Account account{.token = "the-api-key-of-a-test",
                    .url = kBase,
                    .instance = kCrn,
                    .iam_url = kHost,
                    .search_url = kHost,
                    .catalog_url = kHost + "/catalog"};
    bool has_fractional_gates = false;
    std::optional<double> price_per_second{};

    /// IAM gives a token, and the device `line` says what it is.
    ScriptedIbm() {
        transport.always(http::Method::post, kHost + "/identity/token",
                         [](const http::Request&) { return reply(200, token_reply("token-of-a-test")); });
        set_device(line_configuration(), line_properties());
    }

    void set_device(const nlohmann::json& configuration, const nlohmann::json& properties) {
        const std::string name = configuration.at("backend_name");
        const auto answer = [&](const char* document, const nlohmann::json& content) {
            transport.always(http::Method::get, kBase + "/backends/" + name + "/" + document,
                             [text = to_text(content)](const http::Request&) { return reply(200, text); });
        };
        answer("configuration", configuration);
        answer("properties", properties);
    }

    std::unique_ptr<RuntimeService> service() {
        return std::make_unique<RuntimeService>(account,
                                                Settings{.transport = transport,
                                                         .clock = clock,
                                                         .has_fractional_gates = has_fractional_gates,
                                                         .price_per_second = price_per_second,
                                                         .currency = price_per_second ? "USD" : ""});
    }

    /// Requests so far whose URL ends like this.
    std::vector<http::Request> sent_to(const std::string& end) const {
        std::vector<http::Request> found;
        for (const http::Request& request : transport.sent())
            if (request.url.ends_with(end)) found.push_back(request);
        return found;
    }
};

/// The error that this throws; fails the test where it throws none.
template <typename Run>
Error error_from(Run run) {
    try {
        run();
    } catch (const Error& error) {
        return error;
    }
    throw std::runtime_error("no error was thrown");
}

}  // namespace qdcnn::vendors::ibm
