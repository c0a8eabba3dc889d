// The coherent circuit with parts left out: what is left, and that both its forms agree.
#include <gtest/gtest.h>

#include "model/coherent.h"
#include "qdcnn/sim/local_backend.h"

namespace qdcnn::model {
namespace {

struct Ablation {
    const char* preset;
    /// Of two classes on V words: all numbers less V, angles of gates, CZ, measurements on the way, resets.
    std::size_t numbers, angles, cz, measurements, resets;
};

class Ablations : public testing::TestWithParam<Ablation> {
  protected:
    Definition definition() const {
        const text::Dataset data = text::parse_dataset("0 a b c\n1 c b a d\n", "few.txt");
        Random random(1);
        return define_coherent(data, GetParam().preset, random);
    }
};

TEST_P(Ablations, LeaveOutWhatTheySay) {
    const Ablation& expected = GetParam();
    const Definition model = definition();
    const CoherentShape shape = coherent_shape(model);
    EXPECT_EQ(model.parameters().size() - model.vocabulary.size() * shape.word_angles, expected.numbers);
    EXPECT_EQ(make_coherent(model)->circuit_parameters(), expected.angles);
    std::size_t cz = 0, measurements = 0, resets = 0;
    const auto circuit = coherent_template(shape, false).circuit;
    circuit::for_each_operation(circuit->operations(), [&](const circuit::Operation& operation) {
        measurements += std::holds_alternative<circuit::Measure>(operation.kind());
        resets += std::holds_alternative<circuit::Reset>(operation.kind());
        const auto* gate = std::get_if<circuit::Gate>(&operation.kind());
        cz += gate && gate->id == circuit::GateId::cz;
    });
    EXPECT_EQ(cz, expected.cz);
    EXPECT_EQ(measurements, expected.measurements);
    EXPECT_EQ(resets, expected.resets);
}

TEST_P(Ablations, GiveTheSameWithoutMeasurementsOnTheWay) {
    const CoherentShape shape = coherent_shape(definition());
    Random random(5);
    std::vector<double> angles;
    for (std::size_t k = 0; k < shape.data_angles() + shape.circuit_weights(); ++k)
        angles.push_back(random.uniform(-2.0, 2.0));
    const auto backend = sim::make_local_backend();
    std::vector<backend::EstimatorPub> pubs;
    for (const bool is_deferred : {false, true}) {
        const CoherentTemplate from = coherent_template(shape, is_deferred);
        EXPECT_EQ(from.circuit->num_qubits(), is_deferred && shape.parts.sentence ? 10u : 8u);
        pubs.push_back({from.circuit, from.observables, backend::ParameterMatrix(angles)});
    }
    const auto result = backend->run(std::move(pubs), {})->result();
    for (std::size_t q = 0; q < 8; ++q)
        EXPECT_NEAR(result.pubs[0].values[q], result.pubs[1].values[q], 1e-12) << q;
}

INSTANTIATE_TEST_SUITE_P(
    Coherent, Ablations,
    testing::Values(Ablation{"auto", 34, 17, 14, 3, 2}, Ablation{"plain", 34, 17, 14, 3, 2},
                    Ablation{"no_pointwise", 27, 10, 8, 3, 2}, Ablation{"no_sentence", 28, 15, 10, 3, 0},
                    Ablation{"sentence_only", 13, 0, 0, 0, 0}, Ablation{"no_fusion", 32, 15, 10, 3, 2},
                    Ablation{"no_cz", 34, 17, 0, 3, 2}, Ablation{"no_feed_forward", 32, 15, 14, 0, 2},
                    Ablation{"no_coupling", 32, 15, 0, 0, 2}, Ablation{"shared_kernels", 32, 15, 14, 3, 2},
                    Ablation{"scope", 26, 13, 10, 0, 0}, Ablation{"scope_feed_forward", 28, 15, 0, 3, 0},
                    Ablation{"scope_no_coupling", 26, 13, 0, 0, 0}),
    [](const auto& one) { return std::string(one.param.preset); });

TEST(Ablation, WithoutCouplingEachQubitReadsItsOwnWordOnly) {
    const CoherentShape shape{.parts = {.sentence = false, .entanglement = false, .feed_forward = false}};
    const CoherentTemplate from = coherent_template(shape, false);
    std::vector<double> angles(shape.data_angles() + shape.circuit_weights(), 0.3);
    const auto backend = sim::make_local_backend();
    auto values = [&] {
        return backend->run({{from.circuit, from.observables, backend::ParameterMatrix(angles)}}, {})
            ->result()
            .pubs.front()
            .values;
    };
    const auto before = values();
    angles[0] += 1.0;  // b0, qubit 1
    const auto after = values();
    for (std::size_t q = 0; q < 8; ++q)
        if (q == 1)
            EXPECT_GT(std::abs(after[q] - before[q]), 0.1);
        else
            EXPECT_NEAR(after[q], before[q], 1e-14) << q;
}

}  // namespace
}  // namespace qdcnn::model
