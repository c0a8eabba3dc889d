#include "fuzz/input.h"
#include "qdcnn/vendors/ibm/results.h"

// The first byte says what was asked for, the rest is the result as it came. What is read has the shape that
// was asked for, and is the same when it is written and read again. All of it is a request's body, too.
namespace {

using namespace qdcnn;
using namespace qdcnn::vendors;

ibm::JobShape asked_for(std::uint8_t byte) {
    ibm::JobShape shape{.is_estimator = (byte & 1) != 0, .pubs = {}};
    ibm::PubShape pub{
        .registers = {}, .rows = 1 + std::size_t{byte} / 2 % 4, .observables = 1 + std::size_t{byte} / 8 % 4};
    if (!shape.is_estimator) pub.registers = {{"alpha", 0, 3}, {"beta", 3, 9}};
    shape.pubs = {pub};
    return shape;
}

bool is_same(double a, double b) { return a == b || (a != a && b != b); }

void check(const backend::SamplerResult& result, const ibm::PubShape& pub, const ibm::JobShape& shape) {
    fuzz::expect(result.size() == 1, "PUBs");
    const auto& data = result[0].data;
    fuzz::expect(data.size() == 2 && data[0].name == "alpha" && data[1].name == "beta", "registers");
    fuzz::expect(data[0].shots.bits() == 3 && data[1].shots.bits() == 9, "bits");
    for (const auto& one : data) fuzz::expect(one.shots.rows() == pub.rows, "rows");
    for (const bool is_typed : {true, false}) {
        const JobResult again =
            ibm::decode_results(ibm::encode_results(result, {{pub.rows}}, is_typed), shape);
        for (const auto& one : data)
            for (std::size_t row = 0; row < pub.rows; ++row)
                fuzz::expect(
                    std::get<backend::SamplerResult>(again)[0][one.name].counts(row) == one.shots.counts(row),
                    "counts of " + one.name);
    }
}

void check(const backend::EstimatorResult& result, const ibm::PubShape& pub, const ibm::JobShape& shape) {
    fuzz::expect(result.size() == 1, "PUBs");
    fuzz::expect(result[0].rows == pub.rows && result[0].observables == pub.observables,
                 "rows and observables");
    fuzz::expect(result[0].values.size() == pub.rows * pub.observables, "values");
    fuzz::expect(result[0].deviations.size() == result[0].values.size(), "deviations");
    for (const bool is_typed : {true, false}) {
        const JobResult again =
            ibm::decode_results(ibm::encode_results(result, {{pub.rows, pub.observables}}, is_typed), shape);
        const auto& read = std::get<backend::EstimatorResult>(again)[0];
        for (std::size_t k = 0; k < read.values.size(); ++k)
            fuzz::expect(is_same(read.values[k], result[0].values[k]), "a value");
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::Input input(data, size);
    const ibm::JobShape shape = asked_for(input.byte());
    const std::string raw = input.rest();
    JobResult result;
    const std::string refusal = fuzz::message_of({ErrorKind::vendor, ErrorKind::unsupported},
                                                 [&] { result = ibm::decode_results(raw, shape); });
    if (refusal.empty()) std::visit([&](const auto& read) { check(read, shape.pubs[0], shape); }, result);
    fuzz::message_of(
        {ErrorKind::invalid_input, ErrorKind::parse, ErrorKind::unsupported, ErrorKind::not_found},
        [&] { ibm::job_shape(raw); });
    return 0;
}
