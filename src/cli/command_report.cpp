#include <ostream>

#include "cli/commands.h"
#include "cli/report_page.h"
#include "qdcnn/base/files.h"
#include "qdcnn/base/json.h"

namespace qdcnn::cli {

Options report_options() {
    Options options("report",
                    "Puts model files, answers of eval, points of sweep and circuits on one HTML page.");
    options.positional("FILE", "model.json, eval answers, points.json, circuits (.qasm)", true);
    options.value("output", "FILE", "the page, one self-contained file", 'o').required();
    return options;
}

int run_report(const ParsedOptions& given, Console& console) {
    const std::string output = *given.text("output");
    write_file_atomic(output, report_page(given.words()));
    if (given.json())
        console.out << to_text(nlohmann::ordered_json{{"schema", "qdcnn.report/1"}, {"output", output}})
                    << '\n';
    else
        console.out << "wrote " << output << '\n';
    return 0;
}

}  // namespace qdcnn::cli
