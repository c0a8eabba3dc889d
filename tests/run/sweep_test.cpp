#include "qdcnn/run/sweep.h"

#include <gtest/gtest.h>

#include "qdcnn/base/error.h"
#include "qdcnn/base/random.h"
#include "qdcnn/model/models.h"
#include "qdcnn/run/open_backend.h"
#include "qdcnn/text/dataset.h"

namespace qdcnn::run {
namespace {

/// A model that has not learned much, and ten sentences: what counts here is who answers, not how well.
class Sweep : public testing::Test {
  protected:
    Sweep() {
        Random random(4);
        const text::Dataset train = text::load_dataset("builtin:food-it:train");
        model_ = model::make_model(model::find_model("staged").define(train, "mc", random));
        data_ = text::load_dataset("builtin:food-it:test");
        data_.examples.resize(10);
    }
    model::Evaluation ideal() const { return model::evaluate(*model_, *open_backend("local"), data_, {}); }

    std::unique_ptr<model::Model> model_;
    text::Dataset data_;
};

TEST_F(Sweep, ScaleZeroIsTheIdealModel) {
    const auto points =
        sweep(*model_, data_, {.axis = {.target = "ibm_torino", .channel = ""}, .scales = {0.0}});
    ASSERT_EQ(points.size(), 1u);
    EXPECT_EQ(points[0].accuracy, ideal().accuracy);
}

TEST_F(Sweep, MarginsShrinkWithTheRateOfAChannel) {
    const auto points = sweep(
        *model_, data_, {.axis = {.target = "", .channel = "depolarizing"}, .scales = {0.0, 0.02, 1.0}});
    ASSERT_EQ(points.size(), 3u);
    EXPECT_EQ(points[0].accuracy, ideal().accuracy);
    EXPECT_GT(std::abs(points[0].margin), std::abs(points[1].margin));
    EXPECT_NEAR(points[2].margin, 0.0, 1e-9) << "wholly depolarized: all logits are equal";
}

TEST_F(Sweep, SeedsAreAveraged) {
    std::size_t calls = 0;
    const auto points =
        sweep(*model_, data_,
              {.axis = {.target = "", .channel = "bit_flip"}, .scales = {0.01}, .seeds = 3, .shots = 20},
              [&](std::size_t done, std::size_t total) {
                  ++calls;
                  EXPECT_EQ(done, calls);
                  EXPECT_EQ(total, 3u);
              });
    EXPECT_EQ(calls, 3u);
    EXPECT_EQ(points[0].seeds, 3u);
    double sum = 0;
    for (std::uint64_t seed = 0; seed < 3; ++seed)
        sum += sweep(*model_, data_,
                     {.axis = {.target = "", .channel = "bit_flip"},
                      .scales = {0.01},
                      .seed = seed,
                      .shots = 20})[0]
                   .accuracy;
    EXPECT_NEAR(points[0].accuracy, sum / 3, 1e-12);
}

TEST_F(Sweep, RefusesWhatIsNoAxis) {
    EXPECT_THROW(sweep(*model_, data_, {.axis = {}, .scales = {0.0}}), Error);
    EXPECT_THROW(sweep(*model_, data_, {.axis = {.target = "", .channel = "pauli"}, .scales = {0.0}}), Error)
        << "more than one parameter";
    EXPECT_THROW(sweep(*model_, data_, {.axis = {.target = "", .channel = "bit_flip"}, .scales = {1.5}}),
                 Error)
        << "a probability above 1";
    EXPECT_THROW(sweep(*model_, data_, {.axis = {.target = "ibm_turino", .channel = ""}, .scales = {1.0}}),
                 Error);
}

}  // namespace
}  // namespace qdcnn::run
