#include <fmt/format.h>

#include <ostream>

#include "cli/commands.h"
#include "cli/hardware_run.h"
#include "cli/model_json.h"
#include "cli/remote_options.h"
#include "cli/run_options.h"
#include "qdcnn/base/files.h"
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

using Predictions = std::vector<model::Prediction>;

nlohmann::ordered_json answer_of(const Predictions& predictions) {
    nlohmann::ordered_json answer{{"schema", "qdcnn.predict/1"},
                                  {"predictions", nlohmann::ordered_json::array()}};
    for (const model::Prediction& one : predictions) answer["predictions"].push_back(to_json(one));
    return answer;
}

int predict_on_device(const ParsedOptions& given, Console& console, const model::Model& model,
                      const backend::RunOptions& run) {
    std::vector<std::string> work{read_file(*given.text("model"))};
    work.insert(work.end(), given.words().begin(), given.words().end());
    HardwareRun hardware(given, console, work);
    const auto [predictions, twin] = hardware.run<Predictions>(
        [&](backend::Backend& backend) { return model::predict(model, backend, given.words(), run); });
    if (!predictions) {
        hardware.print_plan(console.out);
        return 0;
    }
    std::size_t agreeing = 0;
    if (twin)
        for (std::size_t s = 0; s < twin->size(); ++s)
            agreeing += (*twin)[s].predicted_class == (*predictions)[s].predicted_class;
    if (given.json()) {
        auto answer = answer_of(*predictions);
        answer["backend"] = hardware.backend_name();
        hardware.add_facts(answer);
        answer["twin"] = nullptr;
        if (twin)
            answer["twin"] = {
                {"backend", hardware.twin_name()},
                {"predictions", answer_of(*twin)["predictions"]},
                {"agreement", static_cast<double>(agreeing) / static_cast<double>(twin->size())}};
        console.out << to_text(answer) << '\n';
    } else {
        for (const model::Prediction& one : *predictions) print_prediction(one, model.classes(), console.out);
        hardware.print_facts(console.out);
        if (twin)
            console.out << fmt::format("twin {}: {} of {} labels are the same\n", hardware.twin_name(),
                                       agreeing, twin->size());
    }
    console.out.flush();
    hardware.set_reported();
    return 0;
}

}  // namespace

Options predict_options() {
    Options options("predict", "Predicts the class of sentences.");
    options.value("model", "MODEL.json", "the model file").required();
    add_run_options(options);
    add_hardware_options(options);
    options.positional("SENTENCE", "the sentences, each in quotes", true);
    return options;
}

int run_predict(const ParsedOptions& given, Console& console) {
    const backend::RunOptions run = run_options_of(given);
    const auto model = model::make_model(model::read_model(*given.text("model")).definition);
    const std::string name = given.text_or("backend", "local");
    if (name != "local") model::require_circuits(*model);
    if (run::is_remote(name)) return predict_on_device(given, console, *model, run);
    refuse_remote_options(given);
    const auto backend = run::open_backend(name);
    const auto predictions = model::predict(*model, *backend, given.words(), run);
    if (given.json())
        console.out << to_text(answer_of(predictions)) << '\n';
    else
        for (const model::Prediction& one : predictions) print_prediction(one, model->classes(), console.out);
    return 0;
}

}  // namespace qdcnn::cli
