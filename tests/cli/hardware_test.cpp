// Models and circuits on a vendor's device, which is a simulator here.
#include <gtest/gtest.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "cli/run_cli.h"
#include "cli/temporary_folder.h"
#include "qdcnn/base/interrupt.h"
#include "support/simulated_service.h"

namespace qdcnn::test {
namespace {

using nlohmann::json;

class Hardware : public testing::Test {
  protected:
    Hardware() : service_(std::make_shared<SimulatedService>("ibm_torino", "ibm")) {
        setenv("QDCNN_STATE", folder_.file("state").c_str(), 1);
        setenv("QDCNN_POLL_SHORTEST", "0.001", 1);
        setenv("QDCNN_POLL_LONGEST", "0.002", 1);
        data_ = folder_.write("some.csv",
                              "label,text\nfood,chef cooks meal\nit,programmer writes software\n"
                              "food,woman bakes tasty sauce\n");
    }
    ~Hardware() override {
        unsetenv("QDCNN_STATE");
        unsetenv("QDCNN_POLL_SHORTEST");
        unsetenv("QDCNN_POLL_LONGEST");
    }

    CliAnswer run(std::vector<std::string> arguments) {
        return run_cli(arguments, [this](const std::string& vendor) {
            EXPECT_EQ(vendor, "ibm");
            if (!has_account_) throw Error(ErrorKind::auth, "no account");
            return service_;
        });
    }
    json answer(std::vector<std::string> arguments) {
        arguments.emplace_back("--json");
        const CliAnswer given = run(arguments);
        EXPECT_EQ(given.code, 0) << given.err;
        return given.code == 0 ? json::parse(given.out) : json::object();
    }
    json error(std::vector<std::string> arguments, int code) {
        arguments.emplace_back("--json");
        const CliAnswer given = run(arguments);
        EXPECT_EQ(given.code, code) << given.out << given.err;
        // The quote may stand before it.
        const std::size_t start = given.err.rfind("{\"schema\":\"qdcnn.error/1\"");
        return start == std::string::npos ? json::object() : json::parse(given.err.substr(start));
    }
    std::string train(const std::string& model = "coherent") {
        const std::string path = folder_.file(model + ".json");
        const CliAnswer trained = run({"train", "--data", "builtin:food-it", "--epochs", "2", "--seed", "1",
                                       "--model", model, "-o", path});
        EXPECT_EQ(trained.code, 0) << trained.err;
        return path;
    }
    std::vector<std::string> eval(const std::string& model, std::vector<std::string> more = {}) {
        std::vector<std::string> arguments{"eval",           "--model", model, "--data", data_, "--backend",
                                           "ibm:ibm_torino", "--shots", "200", "--seed", "3"};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return arguments;
    }

    TemporaryFolder folder_;
    std::shared_ptr<SimulatedService> service_;
    std::string data_;
    bool has_account_ = true;
};

TEST_F(Hardware, EvalIsOneJobAndFoundAgain) {
    const std::string model = train();
    const json first = answer(eval(model, {"--yes"}));
    EXPECT_EQ(first["schema"], "qdcnn.eval/1");
    EXPECT_EQ(first["backend"], "ibm:ibm_torino");
    EXPECT_EQ(first["n"], 3);
    ASSERT_EQ(first["jobs"].size(), 1u);
    EXPECT_EQ(first["quote"]["currency"], "EUR");
    EXPECT_DOUBLE_EQ(first["quote"]["amount"].get<double>(), 3 * 200 * 0.001);
    EXPECT_DOUBLE_EQ(first["billed"]["amount"].get<double>(), 4.0);
    EXPECT_EQ(first["fallback"], false);
    EXPECT_EQ(first["twin"]["backend"], "local:ibm_torino");
    EXPECT_EQ(service_->submits(), 1u);
    const json second = answer(eval(model));
    EXPECT_EQ(second["predictions"], first["predictions"]);
    EXPECT_EQ(second["jobs"], first["jobs"]);
    EXPECT_EQ(second["quote"], first["quote"]);
    EXPECT_EQ(service_->submits(), 1u);
    EXPECT_EQ(answer({"job", "show", first["jobs"][0]})["reported"], true);
    const json third = answer(eval(model, {"--yes", "--new"}));
    EXPECT_NE(third["jobs"], first["jobs"]);
    EXPECT_EQ(service_->submits(), 2u);
}

TEST_F(Hardware, EveryRoundIsAJob) {
    const std::string model = train("staged");
    const json first = answer(eval(model, {"--yes", "--no-twin"}));
    EXPECT_EQ(first["jobs"].size(), first["rounds"].get<std::size_t>());
    EXPECT_TRUE(first["twin"].is_null());
    EXPECT_GT(service_->submits(), 2u);
    const std::size_t submits = service_->submits();
    EXPECT_EQ(answer(eval(model, {"--yes", "--no-twin"}))["predictions"], first["predictions"]);
    EXPECT_EQ(service_->submits(), submits);
}

TEST_F(Hardware, TheVendorsEstimatorGetsAFormWithoutBranches) {
    const std::string model = train();
    const json sampled = answer(eval(model, {"--yes"}));
    const json estimated = answer(eval(model, {"--yes", "--primitive", "estimator", "--no-twin"}));
    EXPECT_NE(estimated["jobs"], sampled["jobs"]);
    EXPECT_EQ(service_->submits(), 2u);
}

TEST_F(Hardware, WithoutConsentNothingIsSent) {
    const json why = error(eval(train()), 7);
    EXPECT_EQ(why["kind"], "budget");
    EXPECT_NE(why["message"].get<std::string>().find("0.60 EUR"), std::string::npos) << why;
    EXPECT_NE(why["hint"].get<std::string>().find("--yes"), std::string::npos) << why;
    EXPECT_EQ(service_->submits(), 0u);
    service_->price = 0;
    answer(eval(folder_.file("coherent.json")));
    EXPECT_EQ(service_->submits(), 1u);
}

TEST_F(Hardware, ABudgetHoldsWhateverIsSaid) {
    EXPECT_EQ(error(eval(train(), {"--yes", "--max-cost", "0.59"}), 7)["kind"], "budget");
    EXPECT_EQ(service_->submits(), 0u);
}

TEST_F(Hardware, ADryRunShowsTheRequestAndSendsNothing) {
    const json plan = answer(eval(train(), {"--dry-run"}));
    EXPECT_EQ(plan["schema"], "qdcnn.plan/1");
    EXPECT_EQ(plan["jobs"], 1);
    EXPECT_EQ(plan["circuits"], 3);
    ASSERT_EQ(plan["requests"].size(), 1u);
    EXPECT_EQ(json::parse(plan["requests"][0]["content"].get<std::string>())["device"], "ibm_torino");
    // Of work that is split, every job.
    service_->job_limits.max_executions = 200;
    const json split = answer(eval(folder_.file("coherent.json"), {"--dry-run", "--private"}));
    EXPECT_EQ(split["jobs"], 3);
    ASSERT_EQ(split["http_requests"].size(), 3u);
    for (const json& request : split["http_requests"]) {
        EXPECT_EQ(request["method"], "POST");
        EXPECT_EQ(request["url"], "https://simulated.test/jobs");
        EXPECT_EQ(request["headers"]["Host"], "simulated.test");
    }
    EXPECT_EQ(service_->submits(), 0u);
}

TEST_F(Hardware, FallsBackOnlyWhenAskedAndSaysSo) {
    const std::string model = train();
    has_account_ = false;
    EXPECT_EQ(error(eval(model, {"--yes"}), 4)["kind"], "auth");
    const json fallen = answer(eval(model, {"--yes", "--fallback", "local"}));
    EXPECT_EQ(fallen["fallback"], true);
    EXPECT_EQ(fallen["backend"], "local:ibm_torino");
    EXPECT_EQ(fallen["fallback_reason"], "no account");
    EXPECT_TRUE(fallen["jobs"].empty());
    const CliAnswer text = run(eval(model, {"--yes", "--fallback", "local"}));
    EXPECT_NE(text.out.find("FALLBACK"), std::string::npos) << text.out;
    EXPECT_NE(text.err.find("cannot be had"), std::string::npos) << text.err;
    // A mistake of the user's is no reason.
    has_account_ = true;
    EXPECT_EQ(error(eval(model, {"--fallback", "local"}), 7)["kind"], "budget");
    service_->fails = true;
    const json failed = answer(eval(model, {"--yes", "--fallback", "local"}));
    EXPECT_EQ(failed["fallback"], true);
    EXPECT_EQ(failed["jobs"].size(), 1u);
    EXPECT_NE(failed["fallback_reason"].get<std::string>().find("the fridge is warm"), std::string::npos);
}

TEST_F(Hardware, PredictToo) {
    const std::string model = train();
    const std::vector<std::string> arguments{"predict",   "--model",        model,
                                             "--backend", "ibm:least_busy", "--shots",
                                             "100",       "--yes",          "chef cooks meal"};
    const json first = answer(arguments);
    EXPECT_EQ(first["schema"], "qdcnn.predict/1");
    EXPECT_EQ(first["backend"], "ibm:ibm_torino");
    EXPECT_EQ(first["jobs"].size(), 1u);
    EXPECT_EQ(first["twin"]["predictions"].size(), 1u);
    EXPECT_EQ(answer(arguments)["predictions"], first["predictions"]);
    EXPECT_EQ(service_->submits(), 1u);
}

TEST_F(Hardware, ATimeLimitLeavesTheJobAlone) {
    const std::string model = train();
    service_->polls = 1'000'000;
    const json why = error(eval(model, {"--yes", "--timeout", "0.05"}), 8);
    EXPECT_EQ(why["kind"], "timeout");
    service_->polls = 0;
    answer(eval(model, {"--yes"}));
    EXPECT_EQ(service_->submits(), 1u);
}

TEST_F(Hardware, AnInterruptSaysHowToComeBack) {
    const std::string model = train();
    const std::string id = answer({"submit", "--model", model, "--data", data_, "--backend", "ibm:ibm_torino",
                                   "--shots", "200", "--seed", "3", "--yes"})["id"];
    service_->polls = 1'000'000;
    interrupt().set(2);
    const json why = error({"job", "wait", id}, 130);
    interrupt().clear();
    EXPECT_EQ(why["kind"], "cancelled");
    EXPECT_NE(why["message"].get<std::string>().find(id + " goes on"), std::string::npos) << why;
    EXPECT_NE(why["hint"].get<std::string>().find("qdcnn job wait " + id), std::string::npos) << why;
    service_->polls = 0;
    EXPECT_EQ(answer({"job", "wait", id})["state"], "done");
    // eval has the same work.
    EXPECT_EQ(answer(eval(model))["jobs"], json{id});
    EXPECT_EQ(service_->submits(), 1u);
}

class HardwareCircuits : public Hardware {
  protected:
    /// Asymmetric: qubit 0 is 1, qubit 1 is 0.
    std::string circuit_ = folder_.write("x.qasm",
                                         "OPENQASM 3.0;\ninclude \"stdgates.inc\";\nqubit[2] q;\nbit[2] c;\n"
                                         "x q[0];\nc = measure q;\n");
    std::vector<std::string> submit(std::vector<std::string> more = {}) {
        std::vector<std::string> arguments{"submit",         circuit_,  "--backend",
                                           "ibm:ibm_torino", "--shots", "1000"};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return arguments;
    }
};

TEST_F(HardwareCircuits, FromSubmitToCounts) {
    const json job = answer(submit({"--yes"}));
    EXPECT_EQ(job["schema"], "qdcnn.job/1");
    for (const char* key : {"id", "vendor", "vendor_id", "device", "state", "submitted", "shots", "circuits",
                            "quote", "billed", "result"})
        EXPECT_TRUE(job.contains(key)) << key;
    EXPECT_EQ(job["vendor"], "ibm");
    EXPECT_EQ(job["state"], "accepted");
    EXPECT_EQ(job["shots"], 1000);
    EXPECT_TRUE(job["result"].is_null());
    EXPECT_EQ(answer(submit())["id"], job["id"]);
    EXPECT_EQ(service_->submits(), 1u);

    const std::string id = job["id"];
    EXPECT_EQ(answer({"job", "wait", id})["state"], "done");
    const json fetched = answer({"job", "fetch", id});
    const json counts = fetched["results"][0]["rows"][0]["counts"];
    EXPECT_GT(counts.value("01", 0), 900);
    EXPECT_LT(counts.value("10", 0), 20);
    EXPECT_TRUE(std::filesystem::exists(fetched["result"].get<std::string>()));
    const CliAnswer text = run({"job", "fetch", id.substr(0, 5)});
    EXPECT_NE(text.out.find("01  "), std::string::npos) << text.out;
    EXPECT_NE(text.out.find("raw result: /"), std::string::npos) << text.out;

    const json list = answer({"job", "list"});
    EXPECT_EQ(list["schema"], "qdcnn.jobs/1");
    ASSERT_EQ(list["jobs"].size(), 1u);
    EXPECT_EQ(list["jobs"][0]["id"], id);
    const json costs = answer({"cost"});
    EXPECT_EQ(costs["devices"][0]["jobs"], 1);
    EXPECT_EQ(costs["devices"][0]["spent"]["amount"], 4.0);
}

TEST_F(HardwareCircuits, ExpectationValuesByEitherPrimitive) {
    for (const char* primitive : {"sampler", "estimator"}) {
        const json job = answer(submit({"--yes", "--observable", "Z0 - 0.5 Z1", "--primitive", primitive}));
        const std::string id = job["id"];
        answer({"job", "wait", id});
        const json row = answer({"job", "fetch", id})["results"][0]["rows"][0];
        if (std::string(primitive) == "estimator")
            EXPECT_NEAR(row["values"][0].get<double>(), -1.5, 0.1);
        else
            EXPECT_TRUE(row.contains("counts")) << row;
    }
    EXPECT_EQ(service_->submits(), 2u);
}

TEST_F(HardwareCircuits, NativeCircuitsGoAsTheyAre) {
    EXPECT_EQ(error(submit({"--yes", "--no-transpile"}), 0), json::object());
    circuit_ = folder_.write("h.qasm",
                             "OPENQASM 3.0;\ninclude \"stdgates.inc\";\nqubit[2] q;\nbit[2] c;\n"
                             "h q[0];\nc = measure q;\n");
    EXPECT_EQ(error(submit({"--yes", "--no-transpile"}), 3)["kind"], "invalid_input");
    EXPECT_EQ(answer(submit({"--dry-run"}))["jobs"], 1);
    EXPECT_EQ(service_->submits(), 1u);
}

TEST_F(HardwareCircuits, CancelAndFailAreSaid) {
    service_->polls = 1'000'000;
    const std::string id = answer(submit({"--yes"}))["id"];
    EXPECT_EQ(error({"job", "fetch", id}, 8)["kind"], "timeout");
    EXPECT_EQ(error({"job", "wait", id, "--timeout", "0.02"}, 8)["kind"], "timeout");
    EXPECT_EQ(answer({"job", "cancel", id})["state"], "cancelled");
    EXPECT_EQ(error({"job", "fetch", id}, 1)["kind"], "job_failed");
    EXPECT_EQ(error({"job", "show", "nothing"}, 3)["kind"], "not_found");
    EXPECT_EQ(error({"job", "fly", id}, 2)["kind"], "usage");
    EXPECT_EQ(error({"job", "wait"}, 2)["kind"], "usage");
}

TEST_F(HardwareCircuits, ShowWorksOffline) {
    service_->polls = 5;
    const std::string id = answer(submit({"--yes"}))["id"];
    service_->is_offline = true;
    const CliAnswer shown = run({"job", "show", id});
    EXPECT_EQ(shown.code, 0);
    EXPECT_NE(shown.out.find("accepted"), std::string::npos) << shown.out;
    EXPECT_NE(shown.err.find("the network is down"), std::string::npos) << shown.err;
    service_->is_offline = false;
    EXPECT_EQ(answer({"job", "show", id})["state"], "queued");
}

TEST_F(HardwareCircuits, EstimateSaysCostTimeAndSuccess) {
    const json estimate = answer({"estimate", circuit_, "--backend", "ibm:ibm_torino", "--shots", "1000"});
    EXPECT_EQ(estimate["schema"], "qdcnn.estimate/1");
    EXPECT_DOUBLE_EQ(estimate["cost"]["amount"].get<double>(), 1.0);
    EXPECT_GT(estimate["success"].get<double>(), 0.9);
    EXPECT_LT(estimate["success"].get<double>(), 1.0);
    EXPECT_EQ(estimate["two_qubit_gates"], 0);
    EXPECT_EQ(estimate["queue_length"], 3);
    EXPECT_EQ(service_->submits(), 0u);
}

TEST_F(HardwareCircuits, AttachTakesWhatTheJournalDoesNotHave) {
    const std::string vendor_id = answer(submit({"--yes"}))["vendor_id"];
    setenv("QDCNN_STATE", folder_.file("another").c_str(), 1);
    EXPECT_TRUE(answer({"job", "list"})["jobs"].empty());
    const json job = answer({"job", "attach", vendor_id});
    EXPECT_EQ(job["vendor_id"], vendor_id);
    EXPECT_EQ(answer({"job", "wait", vendor_id})["state"], "done");
    EXPECT_EQ(answer({"job", "reconcile"})["jobs"].size(), 0u);
}

TEST_F(HardwareCircuits, DevicesOfAVendor) {
    const json devices = answer({"device", "list", "--backend", "ibm"});
    EXPECT_EQ(devices["devices"].size(), 3u);
    EXPECT_EQ(answer({"device", "show", "ibm:ibm_torino"})["devices"][0]["qubits"], 133);
}

TEST_F(Hardware, OptionsOfDevicesAreRefusedHere) {
    const std::string model = train();
    for (const std::string option : {"--yes", "--dry-run", "--new", "--private"}) {
        const json why = error({"eval", "--model", model, "--data", data_, option}, 2);
        EXPECT_NE(why["message"].get<std::string>().find(option), std::string::npos) << why;
    }
    EXPECT_EQ(error({"submit", data_, "--backend", "local", "--shots", "10"}, 2)["kind"], "usage");
    EXPECT_EQ(error(eval(model, {"--resilience-level", "1"}), 2)["kind"], "usage");
}

}  // namespace
}  // namespace qdcnn::test
