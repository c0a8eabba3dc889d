#include "qdcnn/qasm/reader.h"

#include "lowering.h"
#include "qdcnn/base/files.h"

namespace qdcnn::qasm {

circuit::Circuit read_qasm(const std::string& text, const std::string& file_name,
                           const ReadOptions& options) {
    Sources sources;
    Report report(sources, true, 1);
    Lowering lowering(sources, report, options);
    circuit::Circuit circuit;
    reporting(report, [&] {
        lowering.read(sources.add_view(file_name, text), false);
        circuit = lowering.finish();
    });
    return circuit;
}

circuit::Circuit read_qasm_file(const std::string& path, const ReadOptions& options) {
    return read_qasm(read_file(path), path, options);
}

std::vector<Diagnostic> check_qasm(const std::string& text, const std::string& file_name,
                                   const ReadOptions& options) {
    Sources sources;
    Report report(sources, false, options.max_diagnostics);
    Lowering lowering(sources, report, options);
    reporting(report, [&] {
        lowering.read(sources.add_view(file_name, text), false);
        lowering.finish();
    });
    return report.take();
}

}  // namespace qdcnn::qasm
