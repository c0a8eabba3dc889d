#include <fmt/format.h>

#include <ostream>

#include "cli/commands.h"
#include "cli/model_json.h"
#include "cli/run_options.h"
#include "qdcnn/base/json.h"
#include "qdcnn/model/evaluation.h"
#include "qdcnn/model/model_file.h"
#include "qdcnn/model/models.h"
#include "qdcnn/run/open_backend.h"

namespace qdcnn::cli {
namespace {

void print_prediction(const model::Prediction& one, const std::vector<std::string>& classes,
                      std::ostream& out) {
    out << one.predicted << '\t' << one.text << "\n  ";
    for (std::size_t c = 0; c < classes.size(); ++c)
        out << fmt::format("{}P({}) = {:.4f}", c == 0 ? "" : ", ", classes[c], one.probabilities[c]);
    out << '\n';
    if (one.unknown_words.empty()) return;
    out << "  not seen in training:";
    for (const std::string& word : one.unknown_words) out << ' ' << word;
    out << '\n';
}

}  // namespace

Options predict_options() {
    Options options("predict", "Predicts the class of sentences.");
    options.value("model", "MODEL.json", "the model file").required();
    add_run_options(options);
    options.positional("SENTENCE", "the sentences, each in quotes", true);
    return options;
}

int run_predict(const ParsedOptions& given, Console& console) {
    const backend::RunOptions run = run_options_of(given);
    const auto model = model::make_model(model::read_model(*given.text("model")).definition);
    const auto backend = run::open_backend(given.text_or("backend", "local"));
    const auto predictions = model::predict(*model, *backend, given.words(), run);
    if (!given.json()) {
        for (const model::Prediction& one : predictions) print_prediction(one, model->classes(), console.out);
        return 0;
    }
    nlohmann::ordered_json answer{{"schema", "qdcnn.predict/1"},
                                  {"predictions", nlohmann::ordered_json::array()}};
    for (const model::Prediction& one : predictions) answer["predictions"].push_back(to_json(one));
    console.out << to_text(answer) << '\n';
    return 0;
}

}  // namespace qdcnn::cli
