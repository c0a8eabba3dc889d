// Prints, for each OpenQASM file given, a line of JSON: the exact distribution of its result bits (the first
// declared rightmost), by the reader and the reference simulator. Inputs are 0.3.
//
//     qdcnn_qasm_distribution FILE...

#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>

#include "qdcnn/base/error.h"
#include "qdcnn/qasm/reader.h"
#include "support/reference_simulator.h"

constexpr double kInput = 0.3;

int main(int argc, char** argv) {
    for (int i = 1; i < argc; ++i) {
        nlohmann::json line;
        try {
            const auto read = qdcnn::qasm::read_qasm_file(argv[i]);
            const auto circuit = read.bind(std::vector<double>(read.parameters().size(), kInput));
            std::map<std::string, double> distribution;
            for (const auto& [record, probability] : qdcnn::test::reference_run(circuit).records()) {
                std::string key;
                for (const auto& bits : circuit.result_registers())
                    for (std::uint32_t k = 0; k < bits.size; ++k)
                        key.insert(key.begin(), record >> (bits.offset + k) & 1 ? '1' : '0');
                distribution[key] += probability;
            }
            line = distribution;
        } catch (const std::exception& error) {
            line = {{"error", error.what()}};
        }
        std::printf("%s\n", line.dump().c_str());
    }
    return 0;
}
