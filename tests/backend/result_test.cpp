#include "qdcnn/backend/result.h"

#include <gtest/gtest.h>

#include "qdcnn/backend/pub.h"
#include "qdcnn/base/error.h"

namespace qdcnn::backend {
namespace {

SamplerPubResult two_registers() {
    SamplerPubResult result;
    result.registers = {{"a", 0, 2}, {"flag", 2, 1}};
    BitArray a(1, 3, 2), flag(1, 3, 1);
    // Shots: a = 01, 01, 10; flag = 1, 1, 0. Asymmetric, so that a swapped order shows.
    a.set(0, 0, 0, true);
    a.set(0, 1, 0, true);
    a.set(0, 2, 1, true);
    flag.set(0, 0, 0, true);
    flag.set(0, 1, 0, true);
    result.data = {{"a", a}, {"flag", flag}};
    return result;
}

TEST(BitArray, HighestBitIsLeft) {
    const auto result = two_registers();
    EXPECT_EQ(result["a"].counts(), (Counts{{"01", 2}, {"10", 1}}));
    EXPECT_EQ(result["flag"].counts(), (Counts{{"1", 2}, {"0", 1}}));
}

TEST(BitArray, BitsCanBeTakenBack) {
    BitArray bits(2, 5, 11);
    bits.set(1, 4, 10, true);
    EXPECT_TRUE(bits.get(1, 4, 10));
    EXPECT_EQ(bits.bitstring(1, 4), "10000000000");
    bits.set(1, 4, 10, false);
    EXPECT_EQ(bits.bitstring(1, 4), "00000000000");
}

TEST(SamplerPubResult, LastRegisterStandsFirstInJointKeys) {
    EXPECT_EQ(two_registers().joint_counts(), (Counts{{"1 01", 2}, {"0 10", 1}}));
}

TEST(SamplerPubResult, UnknownRegisterSuggestsTheNearest) {
    try {
        two_registers()["flags"];
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::not_found);
        EXPECT_EQ(error.hint(), "Did you mean \"flag\"?");
    }
}

TEST(Pub, RefusesWhatDoesNotFit) {
    EXPECT_THROW(ParameterMatrix(2, 2, {1, 2, 3}), Error);
    EXPECT_THROW(check(SamplerPub{}), Error) << "no circuit";
    auto circuit = std::make_shared<circuit::Circuit>(1);
    circuit->rx(circuit->parameter("t"), 0);
    EXPECT_THROW(check(SamplerPub{circuit, ParameterMatrix({0.5})}), Error) << "no classical bits";
    EXPECT_THROW(check(EstimatorPub{circuit, {}, ParameterMatrix::bound()}), Error)
        << "a parameter without a column";
    EXPECT_THROW(check(EstimatorPub{circuit, {circuit::Observable::z(1)}, ParameterMatrix({0.5})}), Error);
    EXPECT_NO_THROW(check(EstimatorPub{circuit, {circuit::Observable::z(0)}, ParameterMatrix({0.5})}));
}

}  // namespace
}  // namespace qdcnn::backend
