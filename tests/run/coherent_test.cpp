// The coherent model on the bundled devices.
#include <gtest/gtest.h>

#include "qdcnn/base/random.h"
#include "qdcnn/model/evaluation.h"
#include "qdcnn/model/models.h"
#include "qdcnn/run/open_backend.h"
#include "qdcnn/target/devices.h"
#include "qdcnn/transpile/pass_manager.h"

namespace qdcnn::run {
namespace {

/// First parameters, and sentences of one word, of four, and of two windows.
struct Untrained {
    Untrained() {
        Random random(4);
        model = model::make_model(model::find_model("coherent")
                                      .define(text::load_dataset("builtin:food-it:train"), "auto", random));
    }
    std::unique_ptr<model::Model> model;
    std::vector<std::string> sentences{"bread", "sister grills fresh bread",
                                       "student writes useful script and unheard code"};
};

class CoherentOnEveryDevice : public testing::TestWithParam<std::string> {};

TEST_P(CoherentOnEveryDevice, WithoutNoiseGivesTheLogitsOfTheSimulator) {
    const Untrained given;
    const auto ideal = open_backend("local");
    const auto device = open_backend("local:" + GetParam(), {.noise_scale = 0.0});
    EXPECT_EQ(device->limits().is_dynamic, target::load_target(GetParam()).is_dynamic());
    const auto expected = model::predict(*given.model, *ideal, given.sentences, {});
    model::RunCounts counts;
    const auto found = model::predict(*given.model, *device, given.sentences, {}, &counts);
    EXPECT_EQ(counts.rounds, 1u);
    EXPECT_EQ(counts.circuits, 4u);
    for (std::size_t s = 0; s < expected.size(); ++s)
        EXPECT_NEAR(found[s].logits[1], expected[s].logits[1], 1e-9) << given.sentences[s];
}

TEST_P(CoherentOnEveryDevice, TakesFourteenTwoQubitGatesAndNoSwapWhereItCanBranch) {
    const target::Target device = target::load_target(GetParam());
    if (!device.is_dynamic()) return;
    const Untrained given;
    const std::vector<text::Tokens> sentence{{"sister", "grills", "fresh", "bread"}};
    const auto inference = given.model->begin(sentence);
    const backend::EstimatorPub& pub = inference->round().front().pub;
    for (const int level : {1, 2, 3})
        for (std::uint64_t seed = 0; seed < 3; ++seed) {
            transpile::Options options;
            options.level = level;
            options.seed = seed;
            const auto result = transpile::preset_pass_manager(level, device, options).run(*pub.circuit);
            EXPECT_EQ(circuit::metrics(result.circuit).two_qubit_gates, 14u) << level << ' ' << seed;
            EXPECT_EQ(result.initial_layout, result.final_layout) << level << ' ' << seed;
        }
}

INSTANTIATE_TEST_SUITE_P(Bundled, CoherentOnEveryDevice, testing::ValuesIn(target::bundled_devices()),
                         [](const auto& device) { return device.param; });

}  // namespace
}  // namespace qdcnn::run
