#include <fmt/format.h>

#include <ostream>

#include "cli/commands.h"
#include "cli/model_json.h"
#include "cli/run_options.h"
#include "qdcnn/base/cpu_time.h"
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

}  // namespace

Options eval_options() {
    Options options("eval", "Predicts labelled sentences and says how well.");
    options.value("model", "MODEL.json", "the model file").required();
    options.value("data", "FILE|builtin:NAME[:SPLIT]", "labelled sentences").required();
    add_run_options(options);
    return options;
}

int run_eval(const ParsedOptions& given, Console& console) {
    const backend::RunOptions run = run_options_of(given);
    const auto model = model::make_model(model::read_model(*given.text("model")).definition);
    const text::Dataset data = text::load_dataset(*given.text("data"));
    const std::string name = given.text_or("backend", "local");
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
