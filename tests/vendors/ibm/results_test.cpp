#include "qdcnn/vendors/ibm/results.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>

#include "qdcnn/base/error.h"
#include "qdcnn/base/files.h"
#include "qdcnn/base/random.h"
#include "qdcnn/vendors/ibm/typed_json.h"
#include "support/shared_files.h"

namespace qdcnn::vendors::ibm {
namespace {

using backend::EstimatorResult;
using backend::SamplerResult;
using nlohmann::json;

JobShape sampler_shape(std::vector<circuit::Register> registers, std::size_t rows = 1) {
    return {.is_estimator = false, .pubs = {{.registers = std::move(registers), .rows = rows}}};
}

std::string failure(const std::string& raw, const JobShape& shape) {
    try {
        decode_results(raw, shape);
    } catch (const Error& error) {
        return std::string(to_string(error.kind())) + ": " + error.what();
    }
    return "read";
}

SamplerResult random_sampler(Random& random, std::size_t rows) {
    SamplerResult result;
    backend::SamplerPubResult pub;
    pub.registers = {{"alpha", 0, 12}, {"beta", 12, 3}, {"wide", 15, 70}};
    for (const circuit::Register& reg : pub.registers) {
        backend::BitArray shots(rows, 17, reg.size);
        for (std::size_t row = 0; row < rows; ++row)
            for (std::uint64_t shot = 0; shot < 17; ++shot)
                for (std::uint32_t bit = 0; bit < reg.size; ++bit)
                    shots.set(row, shot, bit, random.below(2) == 1);
        pub.data.push_back({reg.name, std::move(shots)});
    }
    result.pubs.push_back(std::move(pub));
    return result;
}

TEST(IbmResults, SamplesComeBackAsTheyWent) {
    Random random(5);
    for (const bool is_typed : {true, false})
        for (const PubAxes& axes : {PubAxes{}, PubAxes{1}, PubAxes{4}, PubAxes{2, 3}}) {
            std::size_t rows = 1;
            for (const std::size_t axis : axes) rows *= axis;
            const SamplerResult sent = random_sampler(random, rows);
            const auto result = decode_results(encode_results(sent, {axes}, is_typed),
                                               sampler_shape(sent[0].registers, rows));
            const auto& pub = std::get<SamplerResult>(result)[0];
            ASSERT_EQ(pub.data.size(), 3U);
            EXPECT_EQ(pub.registers, sent[0].registers);
            for (std::size_t row = 0; row < rows; ++row)
                for (std::size_t reg = 0; reg < 3; ++reg)
                    for (std::uint64_t shot = 0; shot < 17; ++shot)
                        ASSERT_EQ(pub.data[reg].shots.bitstring(row, shot),
                                  sent[0].data[reg].shots.bitstring(row, shot));
        }
}

TEST(IbmResults, ValuesComeBackAsTheyWent) {
    for (const bool is_typed : {true, false})
        for (const auto& [axes, rows] : {std::pair<PubAxes, std::size_t>{{}, 1}, {{6}, 1}, {{3, 2}, 3}}) {
            backend::EstimatorPubResult pub{.rows = rows, .observables = (axes.empty() ? 1 : 6) / rows};
            for (std::size_t k = 0; k < pub.rows * pub.observables; ++k) {
                pub.values.push_back(k == 1 ? std::nan("") : 0.1 * static_cast<double>(k) - 0.3);
                pub.deviations.push_back(0.01 * static_cast<double>(k));
            }
            EstimatorResult sent;
            sent.pubs.push_back(pub);
            const JobShape shape{.is_estimator = true,
                                 .pubs = {{.rows = pub.rows, .observables = pub.observables}}};
            const auto result = decode_results(encode_results(sent, {axes}, is_typed), shape);
            const auto& back = std::get<EstimatorResult>(result)[0];
            ASSERT_EQ(back.values.size(), pub.values.size());
            for (std::size_t k = 0; k < pub.values.size(); ++k) {
                if (std::isnan(pub.values[k]))
                    EXPECT_TRUE(std::isnan(back.values[k]));
                else
                    EXPECT_EQ(back.values[k], pub.values[k]);
                EXPECT_EQ(back.deviations[k], pub.deviations[k]);
            }
        }
}

// An asymmetric state in two registers: c = 001 (bit 0 set) and d = 10.
TEST(IbmResults, BitOrderIsQiskits) {
    const std::string raw =
        R"({"results":[{"data":{"c":{"samples":["0x1"],"num_bits":3},"d":{"samples":["0x2"],"num_bits":2}},
            "metadata":{"note":[1,2]}}],"metadata":{"version":2}})";
    const auto result =
        std::get<SamplerResult>(decode_results(raw, sampler_shape({{"c", 0, 3}, {"d", 3, 2}})));
    EXPECT_EQ(result[0].joint_counts(), (backend::Counts{{"10 001", 1}}));
    EXPECT_TRUE(result[0]["c"].get(0, 0, 0));
    EXPECT_EQ(result[0].metadata.at("note"), "[1,2]");
    EXPECT_EQ(result.metadata.at("version"), "2");
}

TEST(IbmResults, ExtrapolatedValuesCountWhereThereAreNoOthers) {
    // One observable, two extrapolators, at noise 0 and 1.
    const std::string raw =
        R"({"results":[{"data":{"evs_extrapolated":[[[0.9,0.8],[0.7,0.6]]],"stds_extrapolated":[[[0.1,0.2],[0.3,0.4]]],
            "evs_noise_factors":[[0.8,0.5]]},"metadata":{}}],"metadata":{}})";
    const JobShape shape{.is_estimator = true, .pubs = {{.rows = 1, .observables = 1}}};
    const auto result = std::get<EstimatorResult>(decode_results(raw, shape));
    EXPECT_EQ(result[0].value(), 0.9);
    EXPECT_EQ(result[0].deviation(), 0.1);
    EXPECT_EQ(result[0].metadata.at("evs_noise_factors"), "[[0.8,0.5]]");
}

TEST(IbmResults, WhatWasNotAskedForIsRefused) {
    const auto plain = [](const std::string& fields) {
        return R"({"results":[{"data":{)" + fields + R"(},"metadata":{}}],"metadata":{}})";
    };
    const JobShape shape = sampler_shape({{"c", 0, 2}});
    const std::string good = R"("c":{"samples":["0x3"],"num_bits":2})";
    EXPECT_EQ(failure(plain(good), shape), "read");
    EXPECT_NE(failure(plain(""), shape).find("the key \"c\" is missing"), std::string::npos);
    EXPECT_NE(failure(plain(good + R"(,"d":{"samples":["0x0"],"num_bits":1})"), shape)
                  .find("a register \"d\" that the circuit has not"),
              std::string::npos);
    EXPECT_NE(failure(plain(R"("c":{"samples":["0x4"],"num_bits":2})"), shape).find("a bit beyond"),
              std::string::npos);
    EXPECT_NE(failure(plain(R"("c":{"samples":["3"],"num_bits":2})"), shape).find("0x3"), std::string::npos);
    EXPECT_NE(failure(plain(R"("c":{"samples":["0x1"],"num_bits":1})"), shape)
                  .find("1 bits, the circuit's register has 2"),
              std::string::npos);
    EXPECT_NE(failure(R"({"results":[],"metadata":{}})", shape).find("results of 0 PUBs, asked for 1"),
              std::string::npos);
    EXPECT_EQ(failure("<html>", shape).find("vendor: the vendor's result cannot be read"), 0U);
    EXPECT_EQ(failure(plain(R"("c":[[0.5,1.5]])"), shape).find("unsupported"), 0U);
    const JobShape estimator{.is_estimator = true, .pubs = {{.rows = 2, .observables = 2}}};
    EXPECT_NE(failure(plain(R"("evs":[1,2,3],"stds":[0,0,0])"), estimator)
                  .find("expected 2 rows of 2 observables, found 3 values"),
              std::string::npos);
}

TEST(IbmResults, ShapeIsReadFromTheRequest) {
    const json body{{"program_id", "sampler"},
                    {"params",
                     {{"pubs",
                       {{"OPENQASM 3.0;\nbit[2] c; bit d; input float[64] t;\nqubit[3] q;\n",
                         ndarray_to_json(NdArray::of_doubles({5, 1}, {1, 2, 3, 4, 5})), 100},
                        {"OPENQASM 3.0;\nbit[1] c; qubit q;\n", nullptr, 10}}}}}};
    const JobShape shape = job_shape(body.dump());
    ASSERT_EQ(shape.pubs.size(), 2U);
    EXPECT_EQ(shape.pubs[0].rows, 5U);
    EXPECT_EQ(shape.pubs[0].registers, (std::vector<circuit::Register>{{"c", 0, 2}, {"d", 2, 1}}));
    EXPECT_EQ(shape.pubs[1].rows, 1U);
    const json estimator{{"program_id", "estimator"},
                         {"params",
                          {{"pubs",
                            {{"", json::array({{{"IZ", 1.0}}, {{"ZI", 1.0}, {"XX", 0.5}}}),
                              ndarray_to_json(NdArray::of_doubles({3, 1, 2}, {1, 2, 3, 4, 5, 6})), 0.1}}}}}};
    EXPECT_EQ(job_shape(estimator.dump()).pubs[0].rows, 3U);
    EXPECT_EQ(job_shape(estimator.dump()).pubs[0].observables, 2U);
    EXPECT_THROW(job_shape(R"({"program_id":"executor","params":{"pubs":[]}})"), Error);
}

// Recorded results with what they hold, as the vendor's own decoder says.
TEST(IbmResults, RecordedSamplesAreWhatTheVendorsDecoderReads) {
    for (const std::string name : {"sampler_two_cregs_12_and_3_bits", "sampler_sweep_shape_2x3_9bits"}) {
        const auto raw = test::shared_file("rest/fixtures/ibm/results/" + name + ".result.json");
        if (!raw) continue;  // BitOrderIsQiskits and the round trips hold without it.
        const json truth =
            read_json_file(*test::shared_file("rest/fixtures/ibm/results/" + name + ".truth.json"));
        const json& pub = truth["pubs"][0];
        std::size_t rows = 1;
        for (const auto& axis : pub["data_shape"]) rows *= axis.get<std::size_t>();
        JobShape shape = sampler_shape({}, rows);
        const auto result = std::get<SamplerResult>(decode_results(read_file(*raw), shape));
        for (const auto& [reg, data] : pub["data"].items())
            for (std::size_t row = 0; row < rows; ++row) {
                backend::Counts counts;
                for (const auto& [key, count] : data["counts"][row]["counts"].items()) counts[key] = count;
                EXPECT_EQ(result[0][reg].counts(row), counts) << name << " " << reg << " " << row;
                std::uint64_t shot = 0;
                for (const auto& bits : data["first_bitstrings"][row]["bitstrings"])
                    EXPECT_EQ(result[0][reg].bitstring(row, shot++), bits.get<std::string>());
            }
    }
}

TEST(IbmResults, RecordedValuesAreWhatTheVendorsDecoderReads) {
    const auto raw = test::shared_file("rest/fixtures/ibm/results/estimator_2d_3x4.result.json");
    if (!raw) return;  // ValuesComeBackAsTheyWent holds without it.
    const json truth =
        read_json_file(*test::shared_file("rest/fixtures/ibm/results/estimator_2d_3x4.truth.json"));
    const JobShape shape{.is_estimator = true, .pubs = {{.rows = 3, .observables = 4}}};
    const auto result = std::get<EstimatorResult>(decode_results(read_file(*raw), shape));
    for (std::size_t row = 0; row < 3; ++row)
        for (std::size_t k = 0; k < 4; ++k) {
            EXPECT_EQ(result[0].value(row, k),
                      truth["pubs"][0]["data"]["evs"]["values"][row][k].get<double>());
            EXPECT_EQ(result[0].deviation(row, k),
                      truth["pubs"][0]["data"]["stds"]["values"][row][k].get<double>());
        }
    EXPECT_EQ(result[0].metadata.at("shots"), "4096");
}

}  // namespace
}  // namespace qdcnn::vendors::ibm
