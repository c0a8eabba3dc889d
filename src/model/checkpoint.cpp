#include "model/checkpoint.h"

#include <fmt/format.h>

#include "model/training_json.h"
#include "qdcnn/base/error.h"
#include "qdcnn/base/files.h"

namespace qdcnn::model {
namespace {

constexpr const char* kSchema = "qdcnn.checkpoint/1";

nlohmann::json to_json(const std::optional<FinishedRestart>& kept) {
    if (!kept) return nullptr;
    return {{"restart", kept->restart},
            {"selection_loss", kept->selection_loss},
            {"parameters", kept->parameters},
            {"epoch", kept->epoch},
            {"history", to_json(kept->history)}};
}

std::optional<FinishedRestart> kept_from_json(const JsonView& view) {
    if (view.value().is_null()) return std::nullopt;
    return FinishedRestart{count_at(view, "restart"), view.at("selection_loss").number(),
                           view.at("parameters").numbers(), count_at(view, "epoch"),
                           history_from_json(view.at("history"))};
}

Checkpoint from_json(const JsonView& view, const std::map<std::string, std::string>& run) {
    if (view.at("schema").text() != kSchema)
        view.at("schema").fail(
            fmt::format("expected \"{}\", found \"{}\"", kSchema, view.at("schema").text()));
    Checkpoint checkpoint;
    for (const auto& [name, value] : run) {
        checkpoint.run[name] = view.at("run").at(name).text();
        if (checkpoint.run[name] != value)
            throw Error(
                ErrorKind::invalid_input,
                fmt::format("the checkpoint is of another training: its {} is {}, that asked for is {}", name,
                            checkpoint.run[name], value),
                "Ask for the same training, or leave out --resume to start again.");
    }
    checkpoint.restart = count_at(view, "restart");
    checkpoint.kept = kept_from_json(view.at("kept"));
    checkpoint.epoch = count_at(view, "epoch");
    checkpoint.batch = count_at(view, "batch");
    checkpoint.random = view.at("random").text();
    checkpoint.parameters = view.at("parameters").numbers();
    checkpoint.optimiser = view.at("optimiser").numbers();
    checkpoint.best = view.at("best").numbers();
    checkpoint.best_epoch = count_at(view, "best_epoch");
    checkpoint.history = history_from_json(view.at("history"));
    return checkpoint;
}

}  // namespace

void write_checkpoint(const std::string& path, const Checkpoint& checkpoint) {
    const nlohmann::json out{{"schema", kSchema},
                             {"run", checkpoint.run},
                             {"restart", checkpoint.restart},
                             {"kept", to_json(checkpoint.kept)},
                             {"epoch", checkpoint.epoch},
                             {"batch", checkpoint.batch},
                             {"random", checkpoint.random},
                             {"parameters", checkpoint.parameters},
                             {"optimiser", checkpoint.optimiser},
                             {"best", checkpoint.best},
                             {"best_epoch", checkpoint.best_epoch},
                             {"history", to_json(checkpoint.history)}};
    write_file_atomic(path, to_text(out) + "\n");
}

namespace {

/// Epochs 1, 2, ... in order, with a dev score in all of them or in none.
bool is_whole(const std::vector<EpochRecord>& history, std::size_t epochs, bool has_dev) {
    if (history.size() != epochs) return false;
    for (std::size_t k = 0; k < epochs; ++k)
        if (history[k].epoch != k + 1 || history[k].dev.has_value() != has_dev) return false;
    return true;
}

bool is_sound(const Checkpoint& found, std::size_t parameters, std::size_t batches) {
    const bool has_dev = found.run.at("dev") != "none";
    const bool has_best = found.epoch > 0;
    if (found.parameters.size() != parameters || found.batch > batches ||
        !is_whole(found.history, found.epoch, has_dev) || found.best.size() != (has_best ? parameters : 0) ||
        found.best_epoch > found.epoch || (found.best_epoch > 0) != has_best)
        return false;
    if (!found.kept) return found.restart == 0;
    return found.restart > 0 && found.kept->parameters.size() == parameters && found.kept->epoch > 0 &&
           found.kept->epoch <= found.kept->history.size() &&
           is_whole(found.kept->history, found.kept->history.size(), has_dev);
}

}  // namespace

std::optional<Checkpoint> read_checkpoint(const std::string& path,
                                          const std::map<std::string, std::string>& run,
                                          std::size_t parameters, std::size_t batches) {
    if (!exists(path)) return std::nullopt;
    const nlohmann::json document = read_json_file(path);
    try {
        Checkpoint checkpoint = from_json(JsonView(document, ""), run);
        if (!is_sound(checkpoint, parameters, batches))
            throw Error(ErrorKind::invalid_input, "the checkpoint does not fit the network",
                        "Leave out --resume to start again.");
        return checkpoint;
    } catch (const Error& error) {
        throw error.at({path, 0, 0});
    }
}

}  // namespace qdcnn::model
