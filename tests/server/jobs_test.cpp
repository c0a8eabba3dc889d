#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <map>
#include <set>

#include "qdcnn/base/error.h"
#include "qdcnn/qasm/reader.h"
#include "qdcnn/sim/density_matrix.h"
#include "qdcnn/sim/local_backend.h"
#include "qdcnn/sim/noise_model.h"
#include "qdcnn/target/devices.h"
#include "server/client.h"

namespace qdcnn::server {
namespace {

using nlohmann::json;

/// Figures of the device for the circuit, from the simulator itself.
std::vector<double> exact_probabilities(const std::string& qasm, std::vector<double> values) {
    const auto documents = target::target_to_ibm(target::load_target("ibm_torino"));
    const auto device = target::target_from_ibm(documents.configuration, documents.properties);
    const auto backend = sim::make_local_backend(
        sim::make_noisy_simulator(sim::noise_model_from_target(device)), "ibm_torino", device);
    const auto circuit = std::make_shared<const circuit::Circuit>(qasm::read_qasm(qasm, "test"));
    const auto result =
        backend
            ->run(std::vector{backend::SamplerPub{circuit, backend::ParameterMatrix(std::move(values))}}, {})
            ->result();
    std::vector<double> probabilities(4);
    for (const auto& [bits, probability] : result[0].probabilities.at(0))
        probabilities[std::stoul(bits, nullptr, 2)] = probability;
    return probabilities;
}

/// How often each value of register c came, of plain results.
std::vector<std::uint64_t> counts_of(const json& result, std::size_t pub = 0) {
    std::vector<std::uint64_t> counts(4);
    for (const auto& sample : result.at("results").at(pub).at("data").at("c").at("samples"))
        ++counts.at(std::stoul(sample.get<std::string>(), nullptr, 16));
    return counts;
}

void expect_distribution(const std::vector<std::uint64_t>& counts, const std::vector<double>& probabilities) {
    double shots = 0;
    for (const auto count : counts) shots += static_cast<double>(count);
    ASSERT_GT(shots, 1000);
    for (std::size_t k = 0; k < counts.size(); ++k) {
        const double p = probabilities[k];
        EXPECT_NEAR(static_cast<double>(counts[k]) / shots, p, 5 * std::sqrt(p * (1 - p) / shots)) << k;
    }
}

TEST(Jobs, SamplesTheNoisyDistribution) {
    Server server(quick_settings());
    Client client(server);
    const auto answer = client.result(sampler_job({{kTwoRotations, {0.7, 2.1}, 20'000}}));
    ASSERT_EQ(answer.status, 200) << answer.text;
    // In the order of names a comes first; the circuit declares b first.
    expect_distribution(counts_of(answer.json), exact_probabilities(kTwoRotations, {2.1, 0.7}));
}

TEST(Jobs, TakesParametersInEveryForm) {
    Server server(quick_settings());
    Client client(server);
    const json options{{"simulator", {{"seed_simulator", 11}}}};
    const auto samples = [&](json values) {
        const auto answer = client.result(sampler_job({{kTwoRotations, std::move(values), 200}}, options));
        EXPECT_EQ(answer.status, 200) << answer.text;
        return answer.text;
    };
    const std::string expected = samples({0.7, 2.1});
    EXPECT_EQ(samples({{"a", 0.7}, {"b", 2.1}}), expected);
    // numpy.array([0.7, 2.1]) as the Python client writes it.
    EXPECT_EQ(samples({{"__type__", "ndarray"},
                       {"__value__",
                        "eJyb7BfqGxDJyFDGUK2eklqcXKRupaBuk2ahrqOgnpZfVFKUmBefX5SSChJ3S8wpTgWKF2"
                        "ckFqQC+RpGOpo6CrUKFACuNDB4Zn/2DAgwOAAAUDQj7w=="}}),
              expected);
    EXPECT_NE(samples({2.1, 0.7}), expected);
    // Two rows, the first the same as above.
    const json two = json::parse(samples({{"a", {0.7, 0.1}}, {"b", 2.1}}));
    const json one = json::parse(expected);
    EXPECT_EQ(two.dump().size() > one.dump().size(), true);
}

TEST(Jobs, TheSeedDecides) {
    Settings settings = quick_settings();
    settings.seed = 5;
    const json own = sampler_job({{kTwoRotations, {1.0, 1.0}, 50}});
    const json seeded =
        sampler_job({{kTwoRotations, {1.0, 1.0}, 50}}, {{"simulator", {{"seed_simulator", 1}}}});
    std::vector<std::string> first, second;
    for (auto* texts : {&first, &second}) {
        Server server(settings);
        Client client(server);
        for (const json& job : {own, own, seeded, seeded}) texts->push_back(client.result(job).text);
    }
    EXPECT_EQ(first, second);
    EXPECT_NE(first[0], first[1]) << "another job, another seed";
    EXPECT_EQ(first[2], first[3]);
}

TEST(Jobs, EstimatesWithBroadcastingAndPrecision) {
    Server server(quick_settings());
    Client client(server);
    const std::string rest(131, 'I');
    const json z0{{rest + "IZ", 1.0}}, z1{{rest + "ZI", 1.0}};
    const auto estimate = [&](json observables, json parameters) {
        const auto answer =
            client.result({{"program_id", "estimator"},
                           {"backend", "ibm_torino"},
                           {"params",
                            {{"pubs", {{kTwoRotations, std::move(observables), std::move(parameters), 0.01}}},
                             {"options", {{"seed_estimator", 3}}},
                             {"resilience_level", 0},
                             {"version", 2}}}});
        EXPECT_EQ(answer.status, 200) << answer.text;
        return answer.json.at("results").at(0).at("data");
    };
    const auto expected = [](double a, double b, std::uint64_t bit) {
        const auto p = exact_probabilities(kTwoRotations, {b, a});
        return bit == 0 ? p[0] + p[2] - p[1] - p[3] : p[0] + p[1] - p[2] - p[3];
    };
    // One number has no axes.
    const json single = estimate(z0, {0.4, 1.2});
    EXPECT_NEAR(single.at("evs").get<double>(), expected(0.4, 1.2, 0), 0.05);
    EXPECT_NEAR(single.at("stds").get<double>(), 0.01, 0.01);
    // Observables of shape (2) with rows of shape (2): element by element.
    const json paired = estimate({z0, z1}, {{0.4, 1.2}, {2.0, 0.9}});
    ASSERT_EQ(paired.at("evs").size(), 2U);
    EXPECT_NEAR(paired.at("evs").at(0).get<double>(), expected(0.4, 1.2, 0), 0.05);
    EXPECT_NEAR(paired.at("evs").at(1).get<double>(), expected(2.0, 0.9, 1), 0.05);
    // Of shape (2) with rows of shape (3, 1): all with all.
    const json all = estimate({z0, z1}, {{{0.4, 1.2}}, {{2.0, 0.9}}, {{0.1, 0.2}}});
    ASSERT_EQ(all.at("evs").size(), 3U);
    EXPECT_NEAR(all.at("evs").at(1).at(0).get<double>(), expected(2.0, 0.9, 0), 0.05);
    EXPECT_NEAR(all.at("evs").at(2).at(1).get<double>(), expected(0.1, 0.2, 1), 0.05);
}

TEST(Jobs, FailsWithTheReason) {
    Server server(quick_settings());
    Client client(server);
    const std::string head = "OPENQASM 3.0; include \"stdgates.inc\"; bit[1] c; qubit[133] q; ";
    const std::vector<std::pair<json, const char*>> cases{
        {{{{"__type__", "QuantumCircuit"}, {"__value__", "eJw="}}}, "QPY"},
        {{head + "h q[0]; c[0] = measure q[0];"}, "ISA"},
        {{head + "cz q[0], q[2]; c[0] = measure q[0];"}, "ISA"},
        {{head + "nonsense"}, "pubs[0][0]"},
        {{"OPENQASM 3.0; include \"stdgates.inc\"; bit[1] c; qubit[134] q; c[0] = measure q[133];"}, "134"},
        {{"include \"/etc/passwd\";"}, "include"},
        {{"OPENQASM 3.0; include \"stdgates.inc\"; qubit[133] q; sx q[0];"}, "measures nothing"},
        {{kTwoRotations}, "parameters"},
        {{kTwoRotations, {1.0}}, "2 parameters"},
        {{kTwoRotations, {{"a", 1.0}, {"x", 2.0}}}, "x"},
        {{kTwoRotations, {1.0, 2.0}, 100'001}, "100000"},
        {{kTwoRotations, json::array({json::array({1.0, 2.0}), json::array({1.0})})}, "pubs[0][1][1]"},
    };
    for (const auto& [pub, reason] : cases) {
        const std::string id = client.submit(sampler_job(json::array({pub})));
        const json job = client.wait(id);
        EXPECT_EQ(job.at("state").at("status"), "Failed") << pub.dump();
        EXPECT_NE(job.at("state").value("reason", "").find(reason), std::string::npos) << job.dump();
        EXPECT_TRUE(job.at("state").contains("reason_code"));
    }
}

TEST(Jobs, RefusesWhatIsNoJob) {
    Server server(quick_settings());
    Client client(server);
    const json good = sampler_job({{kTwoRotations, {0.1, 0.2}, 1}});
    const auto with = [&](const char* pointer, const json& value) {
        json body = good;
        body[json::json_pointer(pointer)] = value;
        return body;
    };
    struct Case {
        json body;
        int status;
        int code;
    };
    const std::vector<Case> cases{
        {with("/backend", "ibm_nowhere"), 404, 1007},
        {with("/program_id", "shor"), 404, 1289},
        {with("/params/pubs", json::array()), 400, 1221},
        {with("/params/more", 1), 400, 1221},
        {with("/params/resilience_level", 1), 400, 1221},
        {with("/params/shots", 0), 400, 1221},
        {with("/params/shots", 100'001), 400, 1221},
        {with("/params/version", 1), 400, 1221},
        {with("/params/options/dynamical_decoupling", {{"sequence_type", "XY8"}}), 400, 1221},
        {with("/params/options/twirling", {{"num_randomizations", 0}}), 400, 1221},
        {with("/params/options/execution", {{"rep_delay", "long"}}), 400, 1221},
        {with("/params/options/resilience", json::object()), 400, 1221},
        {with("/params/options/none", 1), 400, 1221},
        {with("/tags", json::array({"1", "2", "3", "4", "5", "6", "7", "8", "9"})), 400, 1204},
        {with("/tags", json::array({std::string(87, 't')})), 400, 1205},
        {with("/cost", 10'801), 400, 1221},
        {with("/session_id", "none"), 404, 1295},
        {with("/more", 1), 400, 1221},
        {json::array(), 400, 1221},
    };
    for (const Case& one : cases) {
        const auto answer = client.post("/jobs", one.body);
        EXPECT_EQ(answer.status, one.status) << one.body.dump() << answer.text;
        ASSERT_TRUE(answer.json.contains("errors")) << answer.text;
        EXPECT_EQ(answer.json.at("errors").at(0).at("code"), one.code) << answer.text;
    }
    EXPECT_EQ(server.stats().jobs, 0U);
    EXPECT_EQ(server.stats().submits, cases.size());
    EXPECT_EQ(client.post("/jobs", good).status, 200);
    EXPECT_EQ(server.stats().jobs, 1U);
}

TEST(Jobs, PassesThroughItsStates) {
    Settings settings = quick_settings();
    settings.pace = {std::chrono::milliseconds(150), std::chrono::milliseconds(150)};
    Server server(settings);
    Client client(server);
    const std::string id = client.submit(sampler_job({{kTwoRotations, {0.1, 0.2}, 1}}));
    std::vector<std::string> states;
    std::set<int> results;
    while (states.empty() || states.back() != "Completed") {
        const std::string state = client.get("/jobs/" + id).json.at("state").at("status");
        if (states.empty() || states.back() != state) states.push_back(state);
        if (state == "Queued") results.insert(client.get("/jobs/" + id + "/results").status);
        ASSERT_LT(states.size(), 4U);
    }
    EXPECT_EQ(states, (std::vector<std::string>{"Queued", "Running", "Completed"}));
    EXPECT_EQ(results, std::set<int>{204});
    const json metrics = client.get("/jobs/" + id + "/metrics").json;
    EXPECT_LT(metrics.at("timestamps").at("running"), metrics.at("timestamps").at("finished"));
    EXPECT_EQ(metrics.at("usage").at("status"), "complete");
    EXPECT_GT(client.get("/instances/usage").json.at("usage_consumed_seconds"), 0);
    EXPECT_EQ(client.get("/jobs/" + id + "/logs").status, 200);
}

TEST(Jobs, CancelledOnceAndDeletedAfterItsEnd) {
    Settings settings = quick_settings();
    settings.pace.queued = std::chrono::seconds(100);
    Server server(settings);
    Client client(server);
    const std::string id = client.submit(sampler_job({{kTwoRotations, {0.1, 0.2}, 1}}));
    EXPECT_EQ(client.get("/backends/ibm_torino/status").json.at("length_queue"), 1);
    EXPECT_EQ(client.call(http::Method::del, "/jobs/" + id).status, 409);
    EXPECT_EQ(client.post("/jobs/" + id + "/cancel").status, 204);
    EXPECT_EQ(client.post("/jobs/" + id + "/cancel").status, 409);
    EXPECT_EQ(client.wait(id).at("state").at("status"), "Cancelled");
    EXPECT_EQ(client.get("/jobs/" + id + "/results").status, 204);
    EXPECT_EQ(client.call(http::Method::del, "/jobs/" + id).status, 204);
    EXPECT_EQ(client.get("/jobs/" + id).status, 404);
    EXPECT_EQ(server.stats().jobs, 1U) << "deleted jobs were made all the same";
}

TEST(Jobs, LongerThanAllowedIsCancelled) {
    Server server(quick_settings());
    Client client(server);
    json body = sampler_job({{kTwoRotations, {0.1, 0.2}, 100'000}});
    body["cost"] = 2;
    const json job = client.wait(client.submit(body));
    EXPECT_EQ(job.at("state").at("status"), "Cancelled");
    EXPECT_EQ(job.at("state").at("reason_code"), 1305);
    EXPECT_EQ(job.at("status"), "Cancelled - Ran too long");
}

TEST(Jobs, APrivateResultIsReadOnce) {
    Server server(quick_settings());
    Client client(server);
    json body = sampler_job({{kTwoRotations, {0.1, 0.2}, 1}});
    const std::string open = client.submit(body);
    EXPECT_EQ(client.get("/jobs/" + open).json.at("params").at("pubs").size(), 1U);
    body["private"] = true;
    const std::string id = client.submit(body);
    EXPECT_EQ(client.wait(id).at("private"), true);
    EXPECT_FALSE(client.get("/jobs/" + id).json.contains("params"));
    EXPECT_EQ(client.get("/jobs/" + id + "/results").status, 200);
    EXPECT_EQ(client.get("/jobs/" + id + "/results").status, 404);
}

TEST(Jobs, AreListedByPageAndFilter) {
    Server server(quick_settings());
    Client client(server);
    std::vector<std::string> ids;
    for (int k = 0; k < 5; ++k) {
        json body = sampler_job({{kTwoRotations, {0.1, 0.2}, 1}});
        body["tags"] = {"all", "tag-" + std::to_string(k % 2)};
        ids.push_back(client.submit(body));
    }
    for (const auto& id : ids) client.wait(id);
    const auto listed = [&](const std::string& query) {
        std::vector<std::string> found;
        const auto answer = client.get("/jobs?exclude_params=true" + query);
        for (const auto& job : answer.json.at("jobs")) found.push_back(job.at("id"));
        return std::pair(found, answer.json.at("count").get<int>());
    };
    using Ids = std::vector<std::string>;
    EXPECT_EQ(listed("&limit=2"), std::pair(Ids({ids[4], ids[3]}), 5));
    EXPECT_EQ(listed("&limit=2&offset=4"), std::pair(Ids({ids[0]}), 5));
    EXPECT_EQ(listed("&sort=ASC&limit=1"), std::pair(Ids({ids[0]}), 5));
    EXPECT_EQ(listed("&tags=all&tags=tag-1"), std::pair(Ids({ids[3], ids[1]}), 2));
    EXPECT_EQ(listed("&tags=tag-1&tags=tag-0").second, 0);
    EXPECT_EQ(listed("&pending=true").second, 0);
    EXPECT_EQ(listed("&pending=false").second, 5);
    EXPECT_EQ(listed("&backend=ibm_fez").second, 0);
    EXPECT_EQ(listed("&program=sampler").second, 5);
    EXPECT_EQ(client.get("/jobs?limit=0").json.at("limit"), 200);
    EXPECT_FALSE(client.get("/jobs?exclude_params=true").json.at("jobs").at(0).contains("params"));
    const std::string time = client.get("/jobs/" + ids[2]).json.at("created");
    EXPECT_EQ(listed("&created_after=" + time).second, 3);
    EXPECT_EQ(listed("&created_before=" + time).second, 3);
    EXPECT_EQ(listed("&created_after=2000-01-01T00:00:00%2B01:00").second, 5);
    EXPECT_EQ(client.get("/jobs?created_after=yesterday").status, 400);

    EXPECT_EQ(client.get("/tags?type=job&search=tag-").json.at("tags"), (Ids{"tag-0", "tag-1"}));
    EXPECT_EQ(client.call(http::Method::put, "/jobs/" + ids[0] + "/tags", {{"tags", {"tag-9"}}}).status, 204);
    EXPECT_EQ(listed("&tags=tag-9"), std::pair(Ids({ids[0]}), 1));
}

TEST(Jobs, SessionsTakeJobsUntilTheyAreClosed) {
    Settings settings = quick_settings();
    settings.pace.queued = std::chrono::milliseconds(300);
    settings.devices = {"ibm_torino", "ibm_fez"};
    Server server(settings);
    Client client(server);
    const auto open = [&](const char* mode) {
        const auto answer =
            client.post("/sessions", {{"mode", mode}, {"backend", "ibm_torino"}, {"max_ttl", 60}});
        EXPECT_EQ(answer.status, 200) << answer.text;
        return answer.json.at("id").get<std::string>();
    };
    const auto state = [&](const std::string& id) { return client.get("/sessions/" + id).json; };
    json body = sampler_job({{kTwoRotations, {0.1, 0.2}, 1}});
    const std::string session = open("dedicated");
    EXPECT_EQ(state(session).at("state"), "open");
    body["session_id"] = session;
    const std::string job = client.submit(body);
    EXPECT_EQ(client.get("/jobs/" + job).json.at("session_id"), session);
    EXPECT_EQ(state(session).at("state"), "active");
    json elsewhere = body;
    elsewhere["backend"] = "ibm_fez";
    EXPECT_EQ(client.post("/jobs", elsewhere).status, 400);
    EXPECT_EQ(client.call(http::Method::patch, "/sessions/" + session, {{"accepting_jobs", false}}).status,
              204);
    EXPECT_EQ(state(session).at("accepting_jobs"), false);
    EXPECT_EQ(client.post("/jobs", body).status, 409);
    EXPECT_EQ(client.wait(job).at("state").at("status"), "Completed") << "what it has goes on";
    EXPECT_EQ(state(session).at("state"), "closed");
    EXPECT_GT(state(session).at("elapsed_time"), 0);

    const std::string batch = open("batch");
    body["session_id"] = batch;
    const std::string dropped = client.submit(body);
    EXPECT_EQ(client.call(http::Method::del, "/sessions/" + batch + "/close").status, 204);
    EXPECT_EQ(client.wait(dropped).at("state").at("status"), "Cancelled");
    EXPECT_EQ(state(batch).at("state"), "closed");
    EXPECT_EQ(client.get("/sessions/none").status, 404);
    EXPECT_EQ(client.post("/sessions", {{"mode", "free"}, {"backend", "ibm_torino"}}).status, 400);
}

TEST(Jobs, LimitsOfRateAndTime) {
    Settings settings = quick_settings();
    settings.limits.submits_per_minute = 2;
    Server server(settings);
    Client client(server);
    const json body = sampler_job({{kTwoRotations, {0.1, 0.2}, 1}});
    EXPECT_EQ(client.post("/jobs", body).status, 200);
    EXPECT_EQ(client.post("/jobs", body).status, 200);
    const auto third = client.post("/jobs", body);
    EXPECT_EQ(third.status, 429);
    EXPECT_EQ(third.json.at("errors").at(0).at("code"), 1202);
    EXPECT_TRUE(third.headers.has("Retry-After"));

    Settings poor = quick_settings();
    poor.limits.usage_seconds = 1;
    Server other(poor);
    Client spender(other);
    spender.wait(spender.submit(body));
    EXPECT_EQ(spender.get("/instances/usage").json.at("usage_limit_reached"), true);
    EXPECT_EQ(spender.post("/jobs", body).status, 403);
}

}  // namespace
}  // namespace qdcnn::server
