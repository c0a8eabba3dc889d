// Reads an OpenQASM file and prints it again, and says how long that took: one line of JSON.
//
//     qdcnn_bench_qasm FILE REPEATS
//     qdcnn_bench_qasm FILE pieces       as `qdcnn emit` does: print_seconds is for both, without a circuit
//     in between
//
// read_seconds, print_seconds: CPU time, the least of the repeats; peak_kib: the process's largest resident
// size; file_kib, operations.

#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <string>

#include "qdcnn/base/cpu_time.h"
#include "qdcnn/base/files.h"
#include "qdcnn/qasm/printer.h"
#include "qdcnn/qasm/reader.h"
#include "qdcnn/qasm/translate.h"

int main(int argc, char** argv) {
    if (argc != 3) {
        std::fprintf(stderr, "usage: qdcnn_bench_qasm FILE REPEATS\n");
        return 2;
    }
    try {
        const std::string text = qdcnn::read_file(argv[1]);
        double read = 1e300, print = 1e300;
        std::size_t operations = 0, bytes = 0;
        const auto count = [&](std::string_view piece) { bytes += piece.size(); };
        const bool in_pieces = std::string_view(argv[2]) == "pieces";
        if (in_pieces) {
            const double start = qdcnn::cpu_seconds();
            qdcnn::qasm::translate_qasm(text, argv[1], {}, count);
            read = 0;
            print = qdcnn::cpu_seconds() - start;
        }
        for (int repeat = in_pieces ? 0 : std::stoi(argv[2]); repeat > 0; --repeat) {
            double start = qdcnn::cpu_seconds();
            const auto circuit = qdcnn::qasm::read_qasm(text, argv[1]);
            read = std::min(read, qdcnn::cpu_seconds() - start);
            start = qdcnn::cpu_seconds();
            qdcnn::qasm::print_qasm(circuit, {}, count);
            print = std::min(print, qdcnn::cpu_seconds() - start);
            operations = circuit.operations().size();
        }
        rusage usage{};
        getrusage(RUSAGE_SELF, &usage);
        std::printf(
            "{\"read_seconds\": %.6f, \"print_seconds\": %.6f, \"peak_kib\": %ld, \"file_kib\": %zu, "
            "\"operations\": %zu, \"printed_bytes\": %zu}\n",
            read, print, usage.ru_maxrss, text.size() / 1024, operations, bytes);
        return 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "error: %s\n", error.what());
        return 1;
    }
}
