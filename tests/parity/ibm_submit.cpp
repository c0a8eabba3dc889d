// Sends jobs to IBM's service, found by its environment variables, for tests/parity/ibm_request_parity.py. A
// line of standard input is a job, its answer on standard output the vendor's id:
//   {"device", "program": "sampler" | "estimator", "pubs": [{"qasm", "parameters": [[..]..], "shots"?,
//     "observables": ["Z0 + 0.5 X1"..]?}..], "options": {..}, "tags": [..], "session"?, "private"?,
//     "seconds"?, "key"}
#include <iostream>
#include <nlohmann/json.hpp>

#include "qdcnn/base/clock.h"
#include "qdcnn/base/error.h"
#include "qdcnn/qasm/reader.h"
#include "qdcnn/vendors/registry.h"

using namespace qdcnn;
using namespace qdcnn::vendors;
using nlohmann::json;

namespace {

template <typename Pub>
Pub read_pub(const json& given) {
    Pub pub;
    pub.circuit = std::make_shared<circuit::Circuit>(qasm::read_qasm(given.at("qasm"), "circuit.qasm"));
    const auto rows = given.at("parameters").get<std::vector<std::vector<double>>>();
    std::vector<double> values;
    for (const auto& row : rows) values.insert(values.end(), row.begin(), row.end());
    pub.parameters = {rows.size(), rows.front().size(), values};
    if (given.contains("shots")) pub.shots = given.at("shots").get<std::uint64_t>();
    if constexpr (std::is_same_v<Pub, backend::EstimatorPub>)
        for (const std::string text : given.at("observables"))
            pub.observables.push_back(circuit::parse_observable(text));
    return pub;
}

template <typename Pub>
std::vector<Pub> read_pubs(const json& given) {
    std::vector<Pub> pubs;
    for (const json& one : given) pubs.push_back(read_pub<Pub>(one));
    return pubs;
}

JobRequest read_request(const json& job) {
    JobRequest request{.device = job.at("device"), .pubs = {}};
    if (job.at("program") == "sampler")
        request.pubs = read_pubs<backend::SamplerPub>(job.at("pubs"));
    else
        request.pubs = read_pubs<backend::EstimatorPub>(job.at("pubs"));
    request.options_json = job.value("options", json::object()).dump();
    request.tags = job.value("tags", std::vector<std::string>{});
    if (job.contains("session")) request.session = job.at("session").get<std::string>();
    request.is_private = job.value("private", false);
    if (job.contains("seconds")) request.max_execution_seconds = job.at("seconds").get<double>();
    return request;
}

std::string submit(Service& service, const json& job) {
    const std::string key = job.at("key");
    const SubmitOutcome outcome = service.submit(service.body(service.prepare(read_request(job)), key), key);
    if (const auto* refused = std::get_if<Refused>(&outcome)) throw refused->error;
    if (const auto* unclear = std::get_if<Unclear>(&outcome)) throw unclear->error;
    return std::get<Accepted>(outcome).vendor_id;
}

}  // namespace

int main() {
    try {
        const auto transport = http::make_curl_transport();
        for (std::string line; std::getline(std::cin, line);) {
            // A service for every job: the vendor's pace of submits is one service's.
            const auto service =
                open_service("ibm", {.transport = *transport, .clock = system_clock(), .values = {}});
            std::cout << submit(*service, json::parse(line)) << std::endl;
        }
        return 0;
    } catch (const Error& error) {
        std::cerr << to_string(error.kind()) << ": " << error.what() << '\n';
    } catch (const std::exception& error) {
        std::cerr << error.what() << '\n';
    }
    return 1;
}
