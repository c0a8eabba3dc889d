#include "model/checkpoint.h"

#include <fmt/format.h>

#include <filesystem>

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
    return FinishedRestart{static_cast<std::size_t>(view.at("restart").integer()),
                           view.at("selection_loss").number(), view.at("parameters").numbers(),
                           static_cast<std::size_t>(view.at("epoch").integer()),
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
    checkpoint.restart = static_cast<std::size_t>(view.at("restart").integer());
    checkpoint.kept = kept_from_json(view.at("kept"));
    checkpoint.epoch = static_cast<std::size_t>(view.at("epoch").integer());
    checkpoint.batch = static_cast<std::size_t>(view.at("batch").integer());
    checkpoint.random = view.at("random").text();
    checkpoint.parameters = view.at("parameters").numbers();
    checkpoint.optimiser = view.at("optimiser").numbers();
    checkpoint.best = view.at("best").numbers();
    checkpoint.best_epoch = static_cast<std::size_t>(view.at("best_epoch").integer());
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
    write_file_atomic(path, out.dump() + "\n");
}

std::optional<Checkpoint> read_checkpoint(const std::string& path,
                                          const std::map<std::string, std::string>& run,
                                          std::size_t parameters) {
    if (!std::filesystem::exists(path)) return std::nullopt;
    const nlohmann::json document = read_json_file(path);
    try {
        Checkpoint checkpoint = from_json(JsonView(document, ""), run);
        const bool fits = checkpoint.parameters.size() == parameters &&
                          checkpoint.history.size() == checkpoint.epoch &&
                          checkpoint.best.size() == (checkpoint.epoch > 0 ? parameters : 0) &&
                          checkpoint.best_epoch <= checkpoint.epoch &&
                          checkpoint.kept.has_value() == (checkpoint.restart > 0) &&
                          (!checkpoint.kept || (checkpoint.kept->parameters.size() == parameters &&
                                                checkpoint.kept->epoch <= checkpoint.kept->history.size()));
        if (!fits)
            throw Error(ErrorKind::invalid_input, "the checkpoint does not fit the network",
                        "Leave out --resume to start again.");
        return checkpoint;
    } catch (const Error& error) {
        throw error.at({path, 0, 0});
    }
}

}  // namespace qdcnn::model
