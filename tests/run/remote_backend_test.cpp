#include "qdcnn/run/remote_backend.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "qdcnn/base/error.h"
#include "qdcnn/base/files.h"
#include "qdcnn/base/virtual_clock.h"
#include "qdcnn/run/open_backend.h"
#include "support/simulated_service.h"

namespace qdcnn::run {
namespace {

using backend::EstimatorPub;
using backend::ParameterMatrix;
using backend::SamplerPub;
using circuit::Circuit;
using test::SimulatedService;

/// A vendor and a journal; each `open` is what another process would do.
class RemoteBackendTest : public testing::Test {
  protected:
    RemoteBackendTest() : service_(std::make_shared<SimulatedService>()) {
        std::string pattern = (std::filesystem::temp_directory_path() / "qdcnn_run_XXXXXX").string();
        folder_ = mkdtemp(pattern.data());
        options_.remote.place = {.open_service = [this](const std::string&) { return service_; },
                                 .journal_folder = folder_ + "/jobs",
                                 .clock = &clock_};
        options_.remote.work = "test";
        options_.remote.sends_seed = true;
        bell_ = std::make_shared<Circuit>(2);
        bell_->ry(bell_->parameter("a"), 0).cx(0, 1);
    }
    ~RemoteBackendTest() override { std::filesystem::remove_all(folder_); }

    std::unique_ptr<backend::Backend> open(const std::string& name = "fake:ibm_torino") {
        return open_backend(name, options_);
    }
    std::unique_ptr<backend::Backend> open_twin(Quote& quote) {
        return make_twin_backend(std::make_shared<RemoteDevice>("fake:ibm_torino", options_.remote),
                                 options_.transpile, options_.primitive, true, quote);
    }
    std::vector<SamplerPub> sampler_pubs() const {
        auto measured = std::make_shared<Circuit>(*bell_);
        measured->measure_all();
        return {{measured, ParameterMatrix(3, 1, {0.0, 1.0, 2.0})}};
    }
    std::vector<EstimatorPub> estimator_pubs() const {
        std::vector<circuit::Observable> observables;
        for (const char* text : {"Z0", "X0 X1", "Z1 - 0.5 Y0 Y1"})
            observables.push_back(circuit::parse_observable(text));
        return {{bell_, observables, ParameterMatrix(3, 1, {0.1, 1.0, 2.0})}};
    }

    std::string folder_;
    VirtualClock clock_;
    std::shared_ptr<SimulatedService> service_;
    OpenOptions options_;
    std::shared_ptr<Circuit> bell_;
};

TEST_F(RemoteBackendTest, AnswersLikeItsTwinWithTheSameSeed) {
    for (const Primitive primitive : {Primitive::sampler, Primitive::estimator}) {
        options_.primitive = primitive;
        options_.remote.work = primitive == Primitive::sampler ? "one" : "two";
        Quote quote;
        const auto expected = open_twin(quote)->run(estimator_pubs(), {.shots = 500, .seed = 3})->result();
        EXPECT_EQ(service_->submits(), primitive == Primitive::sampler ? 0u : 1u);
        const auto found = open()->run(estimator_pubs(), {.shots = 500, .seed = 3})->result();
        EXPECT_EQ(found[0].values, expected[0].values);
        EXPECT_EQ(found[0].deviations, expected[0].deviations);
        EXPECT_EQ(quote.jobs, 1u);
    }
    EXPECT_EQ(service_->submits(), 2u);
}

TEST_F(RemoteBackendTest, BothPrimitivesAgreeWithinTheirErrors) {
    options_.remote.work = "";
    const auto sampled = open()->run(estimator_pubs(), {.shots = 2000, .seed = 3})->result();
    options_.primitive = Primitive::estimator;
    const auto estimated = open()->run(estimator_pubs(), {.shots = 2000, .seed = 4})->result();
    EXPECT_NE(sampled[0].values, estimated[0].values);
    for (std::size_t i = 0; i < sampled[0].values.size(); ++i)
        EXPECT_NEAR(sampled[0].values[i], estimated[0].values[i],
                    5 * std::hypot(sampled[0].deviations[i], estimated[0].deviations[i]));
}

TEST_F(RemoteBackendTest, TheSameWorkIsNotSentAgainWhateverTheCalibration) {
    const auto first = open()->run(sampler_pubs(), {.shots = 100, .seed = 1})->result();
    // A day later the best qubits are others.
    for (auto& qubit : service_->device().qubits) qubit.readout_error = 0.4 - qubit.readout_error / 2;
    const auto second = open()->run(sampler_pubs(), {.shots = 100, .seed = 1})->result();
    EXPECT_EQ(service_->submits(), 1u);
    EXPECT_EQ(service_->targets(), 1u);
    EXPECT_EQ(first.metadata.at("jobs"), second.metadata.at("jobs"));
    options_.remote.is_new = true;
    open()->run(sampler_pubs(), {.shots = 100, .seed = 1})->result();
    EXPECT_EQ(service_->submits(), 2u);
    EXPECT_EQ(service_->targets(), 2u);
    options_.remote.is_new = false;
    open()->run(sampler_pubs(), {.shots = 100, .seed = 1})->result();
    EXPECT_EQ(service_->submits(), 2u);
}

TEST_F(RemoteBackendTest, RunsOfOneWorkAreDifferentJobs) {
    const auto backend = open();
    backend->run(sampler_pubs(), {.shots = 100, .seed = 1})->result();
    backend->run(sampler_pubs(), {.shots = 100, .seed = 1})->result();
    EXPECT_EQ(service_->submits(), 2u);
    const auto again = open();
    again->run(sampler_pubs(), {.shots = 100, .seed = 1})->result();
    again->run(sampler_pubs(), {.shots = 100, .seed = 1})->result();
    EXPECT_EQ(service_->submits(), 2u);
}

TEST_F(RemoteBackendTest, SplitJobsGiveTheTwinsResult) {
    service_->job_limits = {.max_pubs = 2, .max_shots = 60, .max_executions = 150};
    Quote quote;
    const auto expected = open_twin(quote)->run(sampler_pubs(), {.shots = 100, .seed = 5})->result();
    auto job = open()->run(sampler_pubs(), {.shots = 100, .seed = 5});
    EXPECT_EQ(service_->submits(), quote.jobs);
    EXPECT_GT(quote.jobs, 1u);
    EXPECT_EQ(quote.shots, 300u);
    const auto found = job->result();
    const auto picked_up =
        std::get<backend::SamplerResult>(open_job(job->id(), options_.remote.place)->result());
    for (std::size_t row = 0; row < 3; ++row) {
        EXPECT_EQ(found[0].joint_counts(row), expected[0].joint_counts(row));
        EXPECT_EQ(picked_up[0].joint_counts(row), expected[0].joint_counts(row));
    }
}

TEST_F(RemoteBackendTest, AnotherProcessPicksAJobUpByItsId) {
    const std::string id = open()->run(sampler_pubs(), {.shots = 100, .seed = 1})->id();
    auto job = open_job(id, options_.remote.place);
    EXPECT_EQ(job->status(), backend::JobStatus::queued);
    const auto result = std::get<backend::SamplerResult>(job->result());
    EXPECT_EQ(job->status(), backend::JobStatus::completed);
    EXPECT_EQ(result[0]["meas"].shots(), 100u);
    try {
        open_job("no-such-job", options_.remote.place);
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::not_found);
    }
}

TEST_F(RemoteBackendTest, RunningOutOfTimeLeavesTheJobAlone) {
    service_->polls = 100;
    options_.remote.time_limit = std::chrono::seconds(90);
    std::size_t lines = 0;
    options_.remote.on_progress = [&](const WaitProgress& progress) {
        ++lines;
        EXPECT_EQ(progress.job.state, JobState::queued);
    };
    try {
        open()->run(sampler_pubs(), {.shots = 100})->result();
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::timeout);
        EXPECT_NE(error.hint().find("qdcnn job wait"), std::string::npos) << error.hint();
    }
    EXPECT_GT(lines, 2u);
    service_->polls = 0;
    options_.remote.time_limit = {};
    options_.remote.on_progress = {};
    open()->run(sampler_pubs(), {.shots = 100})->result();
    EXPECT_EQ(service_->submits(), 1u);
}

TEST_F(RemoteBackendTest, AFailedJobSaysWhy) {
    service_->fails = true;
    try {
        open()->run(sampler_pubs(), {.shots = 100})->result();
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::job_failed);
        EXPECT_NE(std::string(error.what()).find("the fridge is warm"), std::string::npos) << error.what();
    }
}

TEST_F(RemoteBackendTest, WithoutShotsNothingIsSent) {
    try {
        open()->run(sampler_pubs(), {})->result();
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::invalid_input);
    }
    EXPECT_EQ(service_->submits(), 0u);
}

TEST_F(RemoteBackendTest, LeastBusyIsTheOneOnlineWithTheShortestQueue) {
    const auto backend = open("fake:least_busy");
    EXPECT_EQ(backend->name(), "fake:ibm_torino");
}

TEST_F(RemoteBackendTest, ADamagedPinIsRefused) {
    open();
    const std::string path = folder_ + "/jobs/work/test.json";
    std::string text = read_file(path);
    text[text.find("ibm_torino")] = 'j';
    write_file_atomic(path, text);
    try {
        open();
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::storage);
        EXPECT_NE(error.hint().find("--new"), std::string::npos);
    }
}

TEST_F(RemoteBackendTest, TheQuoteCountsOnlyWhatIsNotSentYet) {
    Quote before;
    open_twin(before)->run(sampler_pubs(), {.shots = 100, .seed = 1})->result();
    EXPECT_EQ(before.jobs, 1u);
    EXPECT_DOUBLE_EQ(before.cost.amount.value(), 0.3);
    EXPECT_TRUE(before.costs_money());
    open()->run(sampler_pubs(), {.shots = 100, .seed = 1});
    Quote after;
    open_twin(after)->run(sampler_pubs(), {.shots = 100, .seed = 1})->result();
    EXPECT_EQ(after.jobs, 0u);
    EXPECT_EQ(after.known_jobs, 1u);
    EXPECT_FALSE(after.costs_money());
}

TEST_F(RemoteBackendTest, ABudgetStopsWhatIsTooDear) {
    options_.remote.budget.max_cost = 0.29;
    try {
        open()->run(sampler_pubs(), {.shots = 100, .seed = 1});
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::budget);
    }
    EXPECT_EQ(service_->submits(), 0u);
}

}  // namespace
}  // namespace qdcnn::run
