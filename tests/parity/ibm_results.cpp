// Reads and writes IBM's results for tests/parity/ibm_results_parity.py. A line of standard input is a JSON
// object, its answer a line of standard output:
//   {"decode": raw text, "shape": {...}}                   -> the numbers
//   {"encode": the numbers, "shape": {...}, "axes": [[..]], "is_typed": bool} -> {"raw": text}
#include <iostream>
#include <nlohmann/json.hpp>

#include "qdcnn/base/error.h"
#include "qdcnn/vendors/ibm/results.h"
#include "qdcnn/vendors/ibm/typed_json.h"

using namespace qdcnn;
using namespace qdcnn::vendors;
using nlohmann::json;

namespace {

ibm::JobShape read_shape(const json& given) {
    ibm::JobShape shape{.is_estimator = given.at("is_estimator"), .pubs = {}};
    for (const json& one : given.at("pubs")) {
        ibm::PubShape pub{
            .registers = {}, .rows = one.at("rows"), .observables = one.value("observables", std::size_t{0})};
        for (const json& reg : one.value("registers", json::array()))
            pub.registers.push_back({reg.at(0).get<std::string>(), 0, reg.at(1).get<std::uint32_t>()});
        shape.pubs.push_back(std::move(pub));
    }
    return shape;
}

json numbers(const backend::SamplerResult& result) {
    json pubs = json::array();
    for (const auto& pub : result.pubs) {
        json registers = json::array();
        for (const auto& reg : pub.data) {
            json rows = json::array();
            for (std::size_t row = 0; row < reg.shots.rows(); ++row) {
                rows.push_back(json::array());
                for (std::uint64_t shot = 0; shot < reg.shots.shots(); ++shot)
                    rows.back().push_back(reg.shots.bitstring(row, shot));
            }
            registers.push_back({{"name", reg.name}, {"rows", rows}});
        }
        pubs.push_back({{"registers", registers}});
    }
    return {{"pubs", pubs}};
}

json numbers(const backend::EstimatorResult& result) {
    json pubs = json::array();
    for (const auto& pub : result.pubs)
        pubs.push_back({{"values", pub.values}, {"deviations", pub.deviations}});
    return {{"pubs", pubs}};
}

backend::SamplerResult sampler_of(const json& given) {
    backend::SamplerResult result;
    for (const json& one : given.at("pubs")) {
        backend::SamplerPubResult pub;
        for (const json& reg : one.at("registers")) {
            const json& rows = reg.at("rows");
            const auto bits = static_cast<std::uint32_t>(rows[0][0].get_ref<const std::string&>().size());
            backend::BitArray shots(rows.size(), rows[0].size(), bits);
            for (std::size_t row = 0; row < rows.size(); ++row)
                for (std::size_t shot = 0; shot < rows[row].size(); ++shot)
                    for (std::uint32_t bit = 0; bit < bits; ++bit)
                        shots.set(row, shot, bit,
                                  rows[row][shot].get_ref<const std::string&>()[bits - 1 - bit] == '1');
            pub.registers.push_back({reg.at("name"), 0, bits});
            pub.data.push_back({reg.at("name"), std::move(shots)});
        }
        result.pubs.push_back(std::move(pub));
    }
    return result;
}

backend::EstimatorResult estimator_of(const json& given, const ibm::JobShape& shape) {
    backend::EstimatorResult result;
    for (std::size_t k = 0; k < shape.pubs.size(); ++k)
        result.pubs.push_back({.rows = shape.pubs[k].rows,
                               .observables = shape.pubs[k].observables,
                               .values = given.at("pubs")[k].at("values"),
                               .deviations = given.at("pubs")[k].at("deviations")});
    return result;
}

json answer(const json& asked) {
    const ibm::JobShape shape = read_shape(asked.at("shape"));
    if (asked.contains("decode"))
        return std::visit([](const auto& result) { return numbers(result); },
                          ibm::decode_results(asked.at("decode"), shape));
    const auto axes = asked.at("axes").get<std::vector<ibm::PubAxes>>();
    const bool is_typed = asked.at("is_typed");
    const json& given = asked.at("encode");
    return {{"raw", shape.is_estimator ? ibm::encode_results(estimator_of(given, shape), axes, is_typed)
                                       : ibm::encode_results(sampler_of(given), axes, is_typed)}};
}

}  // namespace

int main() {
    for (std::string line; std::getline(std::cin, line);) {
        try {
            std::cout << ibm::to_python_text(answer(ibm::parse_python_json(line, "stdin"))) << "\n";
        } catch (const std::exception& error) {
            std::cout << to_text(json{{"error", error.what()}}) << "\n";
        }
        std::cout.flush();
    }
    return 0;
}
