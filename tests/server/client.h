#pragma once

#include <chrono>
#include <string>
#include <thread>

#include "qdcnn/base/json.h"
#include "qdcnn/http/transport.h"
#include "qdcnn/server/server.h"

namespace qdcnn::server {

/// A settings value for tests: no waits.
inline Settings quick_settings() {
    Settings settings;
    settings.pace = {std::chrono::milliseconds(0), std::chrono::milliseconds(0)};
    return settings;
}

/// Talks to a server in the plainest way.
class Client {
  public:
    struct Answer {
        int status = 0;
        std::string text;
        nlohmann::json json;
        http::Headers headers;
    };

    explicit Client(const Server& server, std::string key = "rehearsal", const std::string& ca_file = {})
        : transport_(http::make_curl_transport({.ca_file = ca_file})),
          url_(server.url()),
          key_(std::move(key)) {
        for (const auto& [name, value] : server.environment())
            if (name == "QISKIT_IBM_INSTANCE") instance_ = value;
    }

    Answer send(http::Method method, const std::string& url, std::string body, http::Headers headers) const {
        http::Request request{
            .method = method, .url = url, .headers = std::move(headers), .body = std::move(body)};
        request.time_limit = std::chrono::seconds(10);
        const auto outcome = transport_->send(request);
        if (const auto* failure = std::get_if<http::Failure>(&outcome))
            return {-1, http::to_string(failure->kind), {}, {}};
        const auto& response = std::get<http::Response>(outcome);
        return {response.status, response.body, nlohmann::json::parse(response.body, nullptr, false),
                response.headers};
    }

    Answer token(const std::string& key) const {
        return send(http::Method::post, url_ + "/identity/token",
                    "grant_type=urn%3Aibm%3Aparams%3Aoauth%3Agrant-type%3Aapikey&apikey=" + key,
                    {{"Content-Type", "application/x-www-form-urlencoded"}});
    }

    /// path: behind the API's base. Fetches the token first where there is none.
    Answer call(http::Method method, const std::string& path, const nlohmann::json& body = nullptr) {
        if (bearer_.empty()) bearer_ = "Bearer " + token(key_).json.value("access_token", "");
        return send(
            method, url_ + "/experimental/api/v1" + path, body.is_null() ? "" : to_text(body),
            {{"Authorization", bearer_}, {"Service-CRN", instance_}, {"Content-Type", "application/json"}});
    }
    Answer get(const std::string& path) { return call(http::Method::get, path); }
    Answer post(const std::string& path, const nlohmann::json& body = nullptr) {
        return call(http::Method::post, path, body);
    }

    /// The id of the job.
    std::string submit(const nlohmann::json& body) {
        const Answer answer = post("/jobs", body);
        return answer.json.is_object() ? answer.json.value("id", "") : "";
    }
    /// The job's document once it has ended.
    nlohmann::json wait(const std::string& id) {
        for (int k = 0; k < 500; ++k) {
            const nlohmann::json job = get("/jobs/" + id + "?exclude_params=true").json;
            const std::string status = job.is_object() ? job.at("state").value("status", "") : "";
            if (status != "Queued" && status != "Running") return job;
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
        return {{"state", {{"status", "too slow"}}}};
    }
    /// Of a job that is to succeed.
    Answer result(const nlohmann::json& body) {
        const std::string id = submit(body);
        wait(id);
        return get("/jobs/" + id + "/results");
    }

    void set_bearer(std::string bearer) { bearer_ = std::move(bearer); }
    void set_instance(std::string instance) { instance_ = std::move(instance); }

  private:
    std::unique_ptr<http::Transport> transport_;
    std::string url_;
    std::string key_;
    std::string instance_;
    std::string bearer_;
};

/// A circuit of ibm_torino's with the parameters a, b: qubit 0 has P(1) = sin^2(a / 2), qubit 1 likewise b.
inline const char* const kTwoRotations = R"(OPENQASM 3.0;
include "stdgates.inc";
input float[64] b;
input float[64] a;
bit[2] c;
qubit[133] q;
sx q[0]; rz(a - pi) q[0]; sx q[0];
sx q[1]; rz(b - pi) q[1]; sx q[1];
c[0] = measure q[0];
c[1] = measure q[1];
)";

inline nlohmann::json sampler_job(nlohmann::json pubs, nlohmann::json options = nlohmann::json::object()) {
    return {{"program_id", "sampler"},
            {"backend", "ibm_torino"},
            {"params", {{"pubs", std::move(pubs)}, {"options", std::move(options)}, {"version", 2}}}};
}

}  // namespace qdcnn::server
