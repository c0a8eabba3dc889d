#include <fmt/format.h>

#include <ostream>

#include "cli/commands.h"
#include "cli/hardware_run.h"
#include "cli/model_json.h"
#include "cli/remote_options.h"
#include "cli/run_options.h"
#include "qdcnn/base/cpu_time.h"
#include "qdcnn/base/files.h"
#include "qdcnn/base/json.h"
#include "qdcnn/model/evaluation.h"
#include "qdcnn/model/model_file.h"
#include "qdcnn/model/models.h"
#include "qdcnn/report/table.h"
#include "qdcnn/run/open_backend.h"

namespace qdcnn::cli {

namespace {

nlohmann::ordered_json answer_of(const model::Evaluation& evaluation, const std::string& backend,
                                 const backend::RunOptions& run, double cpu, double wall) {
    nlohmann::ordered_json predictions = nlohmann::ordered_json::array();
    for (const model::Prediction& one : evaluation.predictions) predictions.push_back(to_json(one));
    nlohmann::ordered_json answer{{"schema", "qdcnn.eval/1"},
                                  {"accuracy", evaluation.accuracy},
                                  {"interval", {evaluation.interval.low, evaluation.interval.high}},
                                  {"loss", evaluation.loss},
                                  {"n", evaluation.n},
                                  {"majority", evaluation.majority},
                                  {"confusion", evaluation.confusion},
                                  {"predictions", std::move(predictions)},
                                  {"circuits", evaluation.counts.circuits},
                                  {"rounds", evaluation.counts.rounds},
                                  {"shots", nullptr},
                                  {"backend", backend},
                                  {"cpu_seconds", cpu},
                                  {"wall_seconds", wall}};
    if (run.shots) answer["shots"] = *run.shots;
    return answer;
}

void print_answer(const model::Evaluation& evaluation, const std::vector<std::string>& classes,
                  const std::string& backend, const backend::RunOptions& run, std::ostream& out) {
    out << fmt::format(
        "accuracy {:.4f}, 95 % interval {}, {} sentences; always the most frequent label: {:.4f}\n",
        evaluation.accuracy, report::format_interval(evaluation.interval.low, evaluation.interval.high, 4),
        evaluation.n, evaluation.majority);
    report::Table table{{{"label \\ predicted"}}, {}};
    for (const std::string& name : classes) table.columns.push_back({name, report::Align::right});
    for (std::size_t label = 0; label < classes.size(); ++label) {
        table.rows.push_back({classes[label]});
        for (const std::size_t count : evaluation.confusion[label])
            table.rows.back().push_back(fmt::format("{}", count));
    }
    out << report::to_text(table);
    std::size_t with_unknown = 0;
    for (const model::Prediction& one : evaluation.predictions) with_unknown += !one.unknown_words.empty();
    if (with_unknown > 0)
        out << fmt::format("{} sentences hold words the model has not seen\n", with_unknown);
    out << fmt::format("{} circuits in {} rounds on {}, {}\n", evaluation.counts.circuits,
                       evaluation.counts.rounds, backend,
                       run.shots ? fmt::format("{} shots each", *run.shots) : std::string("exact"));
}

/// What the local simulation of the device says beside the device's own answer.
struct TwinView {
    const model::Evaluation& twin;
    /// Sentences that both label alike.
    std::size_t agreeing = 0;

    TwinView(const model::Evaluation& simulated, const model::Evaluation& measured) : twin(simulated) {
        for (std::size_t s = 0; s < twin.n; ++s)
            agreeing += twin.predictions[s].predicted_class == measured.predictions[s].predicted_class;
    }
    nlohmann::ordered_json to_json(const std::string& name) const {
        return {{"backend", name},
                {"accuracy", twin.accuracy},
                {"interval", {twin.interval.low, twin.interval.high}},
                {"agreement", static_cast<double>(agreeing) / static_cast<double>(twin.n)}};
    }
    std::string in_words(const std::string& name) const {
        return fmt::format("twin {}: accuracy {:.4f}, 95 % interval {}; {} of {} labels are the same\n", name,
                           twin.accuracy, report::format_interval(twin.interval.low, twin.interval.high, 4),
                           agreeing, twin.n);
    }
};

int eval_on_device(const ParsedOptions& given, Console& console, const model::Model& model,
                   const text::Dataset& data, const backend::RunOptions& run) {
    std::vector<std::string> work{read_file(*given.text("model"))};
    for (const text::Example& example : data.examples) work.push_back(example.text);
    HardwareRun hardware(given, console, work);
    const double cpu = cpu_seconds(), wall = wall_seconds();
    const auto [evaluation, twin] = hardware.run<model::Evaluation>(
        [&](backend::Backend& backend) { return model::evaluate(model, backend, data, run); });
    if (!evaluation) {
        hardware.print_plan(console.out);
        return 0;
    }
    if (given.json()) {
        auto answer =
            answer_of(*evaluation, hardware.backend_name(), run, cpu_seconds() - cpu, wall_seconds() - wall);
        hardware.add_facts(answer);
        answer["twin"] = twin ? TwinView(*twin, *evaluation).to_json(hardware.twin_name())
                              : nlohmann::ordered_json(nullptr);
        console.out << to_text(answer) << '\n';
    } else {
        print_answer(*evaluation, model.classes(), hardware.backend_name(), run, console.out);
        hardware.print_facts(console.out);
        if (twin) console.out << TwinView(*twin, *evaluation).in_words(hardware.twin_name());
    }
    console.out.flush();
    hardware.set_reported();
    return 0;
}

}  // namespace

Options eval_options() {
    Options options("eval", "Predicts labelled sentences and says how well.");
    options.value("model", "MODEL.json", "the model file").required();
    options.value("data", "FILE|builtin:NAME[:SPLIT]", "labelled sentences").required();
    add_run_options(options);
    add_hardware_options(options);
    return options;
}

int run_eval(const ParsedOptions& given, Console& console) {
    const backend::RunOptions run = run_options_of(given);
    const auto model = model::make_model(model::read_model(*given.text("model")).definition);
    const text::Dataset data = text::load_dataset(*given.text("data"));
    const std::string name = given.text_or("backend", "local");
    if (name != "local") model::require_circuits(*model);
    if (run::is_remote(name)) return eval_on_device(given, console, *model, data, run);
    refuse_remote_options(given);
    const auto backend = run::open_backend(name);
    const double cpu = cpu_seconds(), wall = wall_seconds();
    const model::Evaluation evaluation = model::evaluate(*model, *backend, data, run);
    if (given.json())
        console.out << to_text(answer_of(evaluation, name, run, cpu_seconds() - cpu, wall_seconds() - wall))
                    << '\n';
    else
        print_answer(evaluation, model->classes(), name, run, console.out);
    return 0;
}

}  // namespace qdcnn::cli
