// Gradients by running circuits: against the exact ones of every model, under noise, with shots, and in
// training.
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <numeric>

#include "model/gradient_backend.h"
#include "model/shift_rule.h"
#include "model/spsa_loss.h"
#include "model/toy_data.h"
#include "qdcnn/base/error.h"
#include "qdcnn/base/files.h"
#include "qdcnn/base/interrupt.h"
#include "qdcnn/model/evaluation.h"
#include "qdcnn/model/model_file.h"
#include "qdcnn/model/training.h"
#include "qdcnn/sim/channels.h"
#include "qdcnn/sim/density_matrix.h"
#include "qdcnn/sim/local_backend.h"
#include "qdcnn/sim/noise_model.h"

namespace qdcnn::model {
namespace {

text::Dataset few_words() { return text::parse_dataset("0 a b c\n1 c b a\n0 a d\n1 b d a c\n", "few.txt"); }

/// 2 % depolarizing after every gate.
std::unique_ptr<backend::Backend> noisy_backend() {
    const sim::Channel channel = sim::Channel::of(sim::ChannelId::depolarizing, {0.02});
    sim::NoiseModel noise;
    for (const circuit::GateRow& gate : circuit::gate_table()) {
        sim::GateError error(gate.qubits);
        for (int position = 0; position < gate.qubits; ++position)
            error.add(channel, {static_cast<std::uint8_t>(position)});
        noise.add_error(std::string(gate.name), error);
    }
    return sim::make_local_backend(sim::make_noisy_simulator(noise), "noisy");
}

/// A model of a preset on few_words, with parameters away from the symmetric first ones.
struct Subject {
    std::unique_ptr<Model> model;
    std::vector<double> parameters;
    std::vector<text::Tokens> tokens;
    std::vector<std::size_t> labels;

    Subject(const std::string& name, const std::string& preset) {
        const text::Dataset data = few_words();
        Random random(7);
        const ModelRow& row = find_model(name);
        model = row.make(row.define(data, preset, random));
        for (const text::Example& example : data.examples) tokens.push_back(example.tokens);
        labels = label_indices(data, model->classes());
        parameters = model->definition().parameters();
        for (double& value : parameters) value += random.normal(0.0, 0.3);
    }
    std::unique_ptr<LossFunction> loss(backend::Backend& backend) const {
        return model->loss_function(backend, tokens, labels);
    }
    std::vector<double> gradient(backend::Backend& backend) const {
        std::vector<double> gradient(parameters.size());
        loss(backend)->gradient(parameters, std::vector<std::size_t>{0, 1, 2, 3}, gradient);
        return gradient;
    }
};

void expect_near(const std::vector<double>& left, const std::vector<double>& right, double tolerance) {
    ASSERT_EQ(left.size(), right.size());
    for (std::size_t k = 0; k < left.size(); ++k) EXPECT_NEAR(left[k], right[k], tolerance) << k;
}

TEST(ShiftRule, IsFoundForEveryRotation) {
    using circuit::GateId;
    for (const GateId gate :
         {GateId::rx, GateId::ry, GateId::rz, GateId::p, GateId::rxx, GateId::rzz, GateId::rzx, GateId::cp})
        EXPECT_EQ(shift_rule(gate, 0).size(), 2u) << circuit::gate_row(gate).name;
    for (const GateId gate : {GateId::crx, GateId::cry, GateId::crz})
        EXPECT_EQ(shift_rule(gate, 0).size(), 4u) << circuit::gate_row(gate).name;
    for (std::size_t angle = 0; angle < 3; ++angle) EXPECT_EQ(shift_rule(GateId::u, angle).size(), 2u);
    try {
        shift_rule(GateId::r, 1);  // turns the axis: twice as fast
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::unsupported);
        EXPECT_NE(std::string(error.what()).find("gate r"), std::string::npos) << error.what();
    }
}

TEST(ParameterShift, AgreesWithTheAdjointForEveryModel) {
    const auto local = sim::make_local_backend();
    RunSeeds seeds;
    const auto shifted = make_gradient_backend(*local, {}, seeds, true);
    for (const ModelRow& row : model_table())
        for (const std::string_view preset : row.presets) {
            if (preset == "mc" || preset == "rp") continue;  // the same circuits in other sizes
            SCOPED_TRACE(std::string(row.name) + " " + std::string(preset));
            const Subject subject{std::string(row.name), std::string(preset)};
            if (!subject.loss(*local)) continue;
            expect_near(subject.gradient(*shifted), subject.gradient(*local), 1e-10);
        }
}

TEST(ParameterShift, IsExactThroughNoiseAndMeasurementsOnTheWay) {
    const auto noisy = noisy_backend();
    RunSeeds seeds;
    const auto shifted = make_gradient_backend(*noisy, {}, seeds, true);
    Subject subject("coherent", "auto");
    const std::vector<double> gradient = subject.gradient(*shifted);
    const auto loss = subject.loss(*shifted);
    const std::vector<std::size_t> batch{0, 1, 2, 3};
    std::vector<double> ignored(gradient.size());
    EXPECT_EQ(noisy->differentiable(std::make_shared<circuit::Circuit>(1), {circuit::Observable::z(0)}, {}),
              nullptr);
    const auto values = make_gradient_backend(*noisy, {}, seeds, false);
    const auto plain = subject.loss(*values);
    for (std::size_t k = 0; k < gradient.size(); k += 9) {
        const double step = 1e-4, kept = subject.parameters[k];
        subject.parameters[k] = kept + step;
        const double up = plain->gradient(subject.parameters, batch, ignored);
        subject.parameters[k] = kept - step;
        const double down = plain->gradient(subject.parameters, batch, ignored);
        subject.parameters[k] = kept;
        EXPECT_NEAR(gradient[k], (up - down) / (2 * step), 1e-6) << k;
    }
    // The noise is felt.
    const auto local = sim::make_local_backend();
    const auto ideal = subject.gradient(*local);
    EXPECT_GT(std::abs(gradient[0] - ideal[0]), 1e-3);
}

TEST(ParameterShift, WithShotsIsRightOnTheMean) {
    const auto local = sim::make_local_backend();
    RunSeeds seeds;
    seeds.start(Random(3));
    const auto shifted = make_gradient_backend(*local, {.shots = 4000}, seeds, true);
    const Subject subject("qrnn", "auto");
    const std::vector<double> exact = subject.gradient(*local), first = subject.gradient(*shifted);
    EXPECT_NE(first, subject.gradient(*shifted));
    constexpr int kRuns = 16;
    std::vector<double> mean(exact.size(), 0.0), square(exact.size(), 0.0);
    for (int run = 0; run < kRuns; ++run) {
        const std::vector<double> gradient = subject.gradient(*shifted);
        for (std::size_t k = 0; k < mean.size(); ++k) {
            mean[k] += gradient[k] / kRuns;
            square[k] += gradient[k] * gradient[k] / kRuns;
        }
    }
    for (std::size_t k = 0; k < mean.size(); ++k) {
        const double deviation = std::sqrt(std::max(0.0, square[k] - mean[k] * mean[k]) / (kRuns - 1));
        EXPECT_LE(std::abs(mean[k] - exact[k]), 6 * deviation + 2e-4) << k;
    }
}

TEST(ParameterShift, TakesTheSumOverPlacesAndTheChainRule) {
    circuit::Circuit circuit(2);
    const auto t = circuit.parameter("t"), s = circuit.parameter("s");
    circuit.ry(t, 0).gate(circuit::GateId::crx, {0, 1}, {0.5 * t + 2.0 * s}).rx(-1.0 * t + 0.3, 1);
    const auto shared = std::make_shared<const circuit::Circuit>(circuit);
    const auto local = sim::make_local_backend();
    RunSeeds seeds;
    const auto shifted = make_gradient_backend(*local, {}, seeds, true);
    const backend::ParameterMatrix rows(2, 2, {0.4, -0.9, 1.3, 0.2});
    const std::vector<circuit::Observable> observables{circuit::Observable::z(1),
                                                       circuit::parse_observable("X0 Y1")};
    const std::vector<double> cotangent{0.7, -0.4, 1.1, 0.3};
    std::vector<double> values(4), ours(4), exact(4);
    for (auto [from, into] : {std::pair(shifted.get(), &ours), std::pair(local.get(), &exact)}) {
        const auto tape = from->differentiable(shared, observables, {0, 1});
        tape->forward(rows, values);
        tape->backward(cotangent, *into);
    }
    expect_near(ours, exact, 1e-12);
    EXPECT_GT(std::abs(exact[0]), 0.01);
}

TEST(ParameterShift, RefusesALoopWithAngles) {
    circuit::Circuit circuit(1, 1);
    const auto t = circuit.parameter("t");
    circuit.while_loop({{0}, 1}, [&](circuit::Circuit& body) { body.ry(t, 0).measure(0, 0); });
    const auto local = sim::make_local_backend();
    RunSeeds seeds;
    const auto shifted = make_gradient_backend(*local, {}, seeds, true);
    EXPECT_THROW(shifted->differentiable(std::make_shared<circuit::Circuit>(circuit),
                                         {circuit::Observable::z(0)}, {0}),
                 Error);
}

TEST(Spsa, IsTheGradientOnTheMean) {
    const auto local = sim::make_local_backend();
    const Subject subject("qrnn", "plain");
    const std::vector<double> exact = subject.gradient(*local);
    const auto loss = make_spsa_loss(subject.loss(*local), 1e-3);
    const std::vector<std::size_t> batch{0, 1, 2, 3};
    std::vector<double> gradient(exact.size()), mean(exact.size(), 0.0);
    constexpr int kRuns = 3000;
    for (int run = 0; run < kRuns; ++run) {
        loss->draw(Random(static_cast<std::uint64_t>(run)));
        loss->gradient(subject.parameters, batch, gradient);
        for (std::size_t k = 0; k < mean.size(); ++k) mean[k] += gradient[k] / kRuns;
    }
    const double norm = std::sqrt(std::inner_product(exact.begin(), exact.end(), exact.begin(), 0.0));
    // Each entry strays by the norm of all others.
    for (std::size_t k = 0; k < mean.size(); ++k)
        EXPECT_NEAR(mean[k], exact[k], 5.0 * norm / std::sqrt(kRuns)) << k;
    EXPECT_GT(norm, 0.05);
}

TrainingRequest request_of(GradientMethod gradient) {
    TrainingRequest request;
    request.model = "coherent";
    request.seed = 2;
    request.train = few_words();
    request.epochs = 3;
    request.restarts = 1;
    request.gradient = gradient;
    return request;
}

TEST(TrainingByCircuits, ShiftsGiveTheNetworkThatTheAdjointGives) {
    const auto local = sim::make_local_backend();
    const auto adjoint = train(request_of(GradientMethod::adjoint), *local);
    const auto shifted = train(request_of(GradientMethod::parameter_shift), *local);
    expect_near(adjoint.definition.parameters(), shifted.definition.parameters(), 1e-9);
}

TEST(TrainingByCircuits, LearnsWithShotsUnderNoiseAndBySpsa) {
    const auto noisy = noisy_backend();
    TrainingRequest request = request_of(GradientMethod::parameter_shift);
    request.model = "qrnn";
    request.shots = 200;
    request.epochs = 40;
    request.batch = 2;
    request.learning_rate = 0.1;
    const auto shots = train(request, *noisy).record;
    EXPECT_LT(shots.train.loss, 0.8 * shots.history.front().train.loss);
    EXPECT_EQ(shots.settings.batch, 2u);
    const auto local = sim::make_local_backend();
    request = request_of(GradientMethod::spsa);
    request.epochs = 150;
    request.optimiser = "adam";
    request.schedule = "power";
    request.learning_rate = 0.1;
    const auto spsa = train(request, *local).record;
    EXPECT_LT(spsa.train.loss, 0.7 * spsa.history.front().train.loss);
    EXPECT_EQ(spsa.settings.schedule, "power");
}

TEST(TrainingByCircuits, ShotsAreTheSameAfterAnInterruption) {
    const auto local = sim::make_local_backend();
    TrainingRequest request = request_of(GradientMethod::parameter_shift);
    request.shots = 30;
    request.batch = 2;
    request.dev = few_words();
    const auto whole = train(request, *local);
    EXPECT_EQ(whole.definition.parameters(), train(request, *local).definition.parameters());
    request.checkpoint = (std::filesystem::temp_directory_path() / "qdcnn_gradient_test.checkpoint").string();
    request.resume = true;
    std::size_t reports = 0;
    EXPECT_THROW(train(request, *local,
                       [&](const TrainingProgress&) {
                           if (++reports == 3) interrupt().set(2);
                       }),
                 Error);
    interrupt().set(0);
    const auto resumed = train(request, *local);
    std::filesystem::remove(request.checkpoint);
    EXPECT_EQ(whole.definition.parameters(), resumed.definition.parameters());
    request.shots = 31;
    EXPECT_NE(whole.definition.parameters(), train(request, *local).definition.parameters());
}

TEST(TrainingByCircuits, PatienceEndsARestart) {
    const auto local = sim::make_local_backend();
    TrainingRequest request = request_of(GradientMethod::adjoint);
    request.dev = few_words();
    request.epochs = 400;
    request.schedule = "constant";
    request.learning_rate = 0.5;
    request.patience = 2;
    const auto record = train(request, *local).record;
    EXPECT_EQ(record.history.size(), record.selected_epoch + 2);
    EXPECT_LT(record.history.size(), 400u);
}

TEST(TrainingByCircuits, RefusesWhatDoesNotGoTogether) {
    const auto local = sim::make_local_backend();
    const auto message_of = [&](const TrainingRequest& request, backend::Backend& backend) -> std::string {
        try {
            train(request, backend);
        } catch (const Error& error) {
            return error.what();
        }
        return "no error";
    };
    TrainingRequest request = request_of(GradientMethod::adjoint);
    request.shots = 5;
    EXPECT_NE(message_of(request, *local).find("no shots"), std::string::npos);
    request = request_of(GradientMethod::adjoint);
    request.patience = 3;
    EXPECT_NE(message_of(request, *local).find("dev"), std::string::npos);
    request.patience = 0;
    EXPECT_NE(message_of(request, *noisy_backend()).find("no gradients"), std::string::npos);
    request.optimiser = "adamm";
    EXPECT_NE(message_of(request, *local).find("adamm"), std::string::npos);
    request = request_of(GradientMethod::adjoint);
    request.schedule = "stepped";
    EXPECT_NE(message_of(request, *local).find("stepped"), std::string::npos);
    EXPECT_EQ(gradient_method_of("parameter-shift"), GradientMethod::parameter_shift);
    EXPECT_THROW(gradient_method_of("adjiont"), Error);
}

}  // namespace
}  // namespace qdcnn::model
