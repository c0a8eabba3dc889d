#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <limits>
#include <ostream>

#include "cli/commands.h"
#include "cli/model_json.h"
#include "cli/progress.h"
#include "qdcnn/base/cpu_time.h"
#include "qdcnn/base/error.h"
#include "qdcnn/base/files.h"
#include "qdcnn/base/json.h"
#include "qdcnn/model/model_file.h"
#include "qdcnn/model/optimiser.h"
#include "qdcnn/model/training.h"
#include "qdcnn/run/open_backend.h"

namespace qdcnn::cli {
namespace {

namespace fs = std::filesystem;

/// Before any work is done: a long training whose result cannot be written helps nobody.
void check_output(const std::string& path) {
    const fs::path folder = fs::path(path).parent_path();
    if (!folder.empty() && !is_folder(folder.string()))
        throw Error(ErrorKind::storage,
                    fmt::format("the folder \"{}\" of the output file does not exist", folder.string()),
                    "Make it first, or name another file with -o.");
    if (is_folder(path))
        throw Error(ErrorKind::storage, fmt::format("the output \"{}\" is a folder", path),
                    "Name a file with -o.");
}

/// What is given instead of the preset's recipe, and how gradients are found.
void read_recipe(const ParsedOptions& given, model::TrainingRequest& request) {
    const auto whole = [&](const char* name, std::int64_t low) -> std::optional<std::size_t> {
        const auto number = given.integer(name, low, 1'000'000'000);
        return number ? std::optional(static_cast<std::size_t>(*number)) : std::nullopt;
    };
    request.batch = whole("batch", 1);
    request.restarts = whole("restarts", 1);
    request.patience = whole("patience", 1).value_or(0);
    request.optimiser = given.text("optimiser");
    request.schedule = given.text("schedule");
    request.learning_rate = given.number("learning-rate", 1e-12, 1e6);
    request.shots = whole("shots", 1);
    request.perturbation = given.number("perturbation", 1e-9, 1e3).value_or(request.perturbation);
    const bool is_plain = given.text_or("backend", "local") == "local" && !request.shots;
    request.gradient =
        model::gradient_method_of(given.text_or("gradient", is_plain ? "adjoint" : "parameter-shift"));
}

model::TrainingRequest request_of(const ParsedOptions& given) {
    model::TrainingRequest request;
    request.model = given.text_or("model", model::kDefaultModel);
    request.preset = given.text_or("preset", "auto");
    request.seed = static_cast<std::uint64_t>(
        given.integer("seed", 0, std::numeric_limits<std::int64_t>::max()).value_or(0));
    if (const auto epochs = given.integer("epochs", 1, 1'000'000))
        request.epochs = static_cast<std::size_t>(*epochs);
    read_recipe(given, request);
    request.resume = given.has("resume");
    const auto fraction = given.number("dev-fraction", 0.0, 1.0);
    if (given.has("dev") && fraction)
        throw Error(ErrorKind::usage, "--dev and --dev-fraction are both given", "Give one of them.");
    request.train = text::load_dataset(*given.text("data"));
    if (const auto dev = given.text("dev")) request.dev = text::load_dataset(*dev);
    if (const auto test = given.text("test")) request.test = text::load_dataset(*test);
    if (fraction) {
        text::Split split = text::stratified_split(request.train, *fraction, request.seed);
        request.train = std::move(split.rest);
        request.dev = std::move(split.part);
    }
    return request;
}

/// The epoch with the best test accuracy: a figure of the literature, printed under its name only.
const model::EpochRecord* published_rule(const model::TrainingRecord& record) {
    const auto best = std::max_element(
        record.history.begin(), record.history.end(), [](const auto& left, const auto& right) {
            return left.test && right.test && left.test->accuracy < right.test->accuracy;
        });
    return best != record.history.end() && best->test ? &*best : nullptr;
}

nlohmann::ordered_json answer_of(const model::TrainingResult& result, double wall) {
    const model::TrainingRecord& record = result.record;
    nlohmann::ordered_json answer{{"schema", "qdcnn.train/1"},
                                  {"model", result.definition.model},
                                  {"preset", result.definition.preset},
                                  {"parameters", result.definition.parameters().size()},
                                  {"circuit_parameters", result.circuit_parameters},
                                  {"classes", result.definition.classes},
                                  {"vocabulary_size", result.definition.vocabulary.size()},
                                  {"data_hash", record.data_hash},
                                  {"train", to_json(std::optional(record.train))},
                                  {"dev", to_json(record.dev)},
                                  {"test", to_json(record.test)},
                                  {"epochs", record.settings.epochs},
                                  {"selected_epoch", record.selected_epoch},
                                  {"selection", record.selection},
                                  {"seed", record.seed},
                                  {"optimiser", record.settings.optimiser},
                                  {"gradient", model::name_of(record.gradient)},
                                  {"backend", record.backend},
                                  {"shots", nullptr},
                                  {"epoch_cpu_seconds", result.epoch_cpu_seconds},
                                  {"cpu_seconds", result.cpu_seconds},
                                  {"wall_seconds", wall},
                                  {"published_rule", nullptr}};
    if (record.shots) answer["shots"] = *record.shots;
    if (const auto* best = published_rule(record))
        answer["published_rule"] = {{"accuracy", best->test->accuracy}, {"epoch", best->epoch}};
    return answer;
}

void print_score(std::ostream& out, const char* name, const std::optional<model::Score>& score) {
    if (score)
        out << fmt::format("{:<6} accuracy {:.4f}, loss {:.4f}, {} sentences\n", name, score->accuracy,
                           score->loss, score->n);
}

void print_answer(const model::TrainingResult& result, const std::string& path, std::ostream& out) {
    const model::TrainingRecord& record = result.record;
    out << fmt::format("{} ({}): {} parameters, {} classes, {} vocabulary entries\n", result.definition.model,
                       result.definition.preset, result.definition.parameters().size(),
                       result.definition.classes.size(), result.definition.vocabulary.size());
    if (record.settings.epochs > 0)
        out << fmt::format("epoch {} of {} is kept: {}\n", record.selected_epoch, record.settings.epochs,
                           record.selection == "dev" ? "the best on the dev set" : "the last");
    print_score(out, "train", record.train);
    print_score(out, "dev", record.dev);
    print_score(out, "test", record.test);
    if (const auto* best = published_rule(record))
        out << fmt::format("published rule (best epoch on test, for comparison only): {:.4f} in epoch {}\n",
                           best->test->accuracy, best->epoch);
    out << fmt::format("{:.3f} s of CPU time, {:.5f} s an epoch\nwrote {}\n", result.cpu_seconds,
                       result.epoch_cpu_seconds, path);
}

void show(const model::TrainingProgress& now, Progress& bar) {
    std::string details;
    if (now.last) {
        details = fmt::format("loss {:.4f}, accuracy {:.3f}", now.last->train.loss, now.last->train.accuracy);
        if (now.last->dev) details += fmt::format(", dev {:.3f}", now.last->dev->accuracy);
    }
    bar.update(now.epoch * now.batches + now.batch, now.epochs * now.batches, details);
}

}  // namespace

Options train_options() {
    Options options("train", "Trains a model on labelled sentences and writes it to a file.");
    options
        .value("data", "FILE|builtin:NAME[:SPLIT]",
               "training sentences: CSV with the header label,text, or label and text a line")
        .required();
    options.value("dev", "FILE|builtin:..", "sentences that select the epoch; without them the last is kept");
    options.value("dev-fraction", "F",
                  "takes this part of each class from the training data instead of --dev");
    options.value("test", "FILE|builtin:..", "sentences to report on; they select nothing");
    std::string names, presets;
    for (const auto& row : model::model_table()) {
        names += (names.empty() ? "" : ", ") + std::string(row.name);
        presets += fmt::format("; {}: {}", row.name, fmt::join(row.presets, ", "));
    }
    options.value("model", "NAME", names + " (default " + model::kDefaultModel + ")");
    options.value("preset", "NAME", "hyper-parameters; auto (default) goes by the data" + presets);
    options.value("seed", "N", "of the first parameters and the order of sentences (default 0)");
    options.value("epochs", "N", "instead of the preset's");
    std::string optimisers;
    for (const auto& row : model::optimiser_table())
        optimisers += fmt::format("{}{}: {}", optimisers.empty() ? "" : "; ", row.name, row.description);
    options.value("optimiser", "NAME", "instead of the preset's. " + optimisers);
    options.value("learning-rate", "X", "instead of the preset's");
    options.value("schedule", "NAME", "of the learning rate: constant, cosine, power");
    options.value("batch", "N", "sentences a step, instead of the preset's");
    options.value("restarts", "N", "trainings of which the best by training loss is kept");
    options.value("patience", "N", "ends a training when N epochs brought nothing better on dev");
    options.value(
        "gradient", "NAME",
        "adjoint (default: exact, on local without shots), parameter-shift (default elsewhere: circuits "
        "at shifted angles) or spsa (two losses a step)");
    options.value("perturbation", "X", "how far spsa moves each parameter (default 0.1)");
    options.value("backend", "NAME",
                  "local (default, no noise), local:DEVICE or local:FILE (that device's noise)");
    options.value("shots", "N", "of every circuit in training; without it values are exact");
    options.flag("resume", "goes on from MODEL.json.checkpoint, if an interrupted training left one");
    options.value("output", "MODEL.json", "the model file", 'o').required();
    return options;
}

int run_train(const ParsedOptions& given, Console& console) {
    const std::string path = *given.text("output");
    check_output(path);
    model::TrainingRequest request = request_of(given);
    request.checkpoint = path + ".checkpoint";
    if (request.resume && !exists(request.checkpoint))
        console.err << fmt::format("note: there is no {} to resume from; training from the start\n",
                                   request.checkpoint);
    const std::string name = given.text_or("backend", "local");
    if (run::is_remote(name))
        throw Error(
            ErrorKind::unsupported, fmt::format("training on {}: every step would be a job of its own", name),
            "Train on local:DEVICE, under that device's noise and with its shots, and run the trained "
            "model there with eval.");
    const auto backend = run::open_backend(name);
    const double start = wall_seconds();
    model::TrainingResult result;
    try {
        Progress bar(console, "training");
        result = model::train(request, *backend, [&](const model::TrainingProgress& now) { show(now, bar); });
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::cancelled) throw;
        throw Error(
            ErrorKind::cancelled, error.what(),
            fmt::format("The training so far is in {}; the same command with --resume goes on from there.",
                        request.checkpoint));
    }
    const double wall = wall_seconds() - start;
    model::write_model(path, {result.definition, result.record});
    std::error_code ignored;
    fs::remove(request.checkpoint, ignored);
    if (given.json())
        console.out << to_text(answer_of(result, wall)) << '\n';
    else
        print_answer(result, path, console.out);
    return 0;
}

}  // namespace qdcnn::cli
