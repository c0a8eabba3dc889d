#include "model/training_json.h"

#include <algorithm>

#include "qdcnn/base/error.h"
#include "qdcnn/base/suggest.h"

namespace qdcnn::model {

using nlohmann::json;

namespace {

Score score_from_json(const JsonView& view) {
    refuse_unknown_keys(view, {"accuracy", "loss", "n"});
    return {view.at("accuracy").number(), view.at("loss").number(), count_at(view, "n")};
}

std::optional<Score> optional_score(const JsonView& view, const std::string& key) {
    if (!view.has(key) || view.at(key).value().is_null()) return std::nullopt;
    return score_from_json(view.at(key));
}

}  // namespace

std::size_t count_at(const JsonView& view, const std::string& key) {
    const std::int64_t value = view.at(key).integer();
    if (value < 0) view.at(key).fail("expected no negative number");
    return static_cast<std::size_t>(value);
}

json to_json(const std::optional<Score>& score) {
    if (!score) return nullptr;
    return {{"accuracy", score->accuracy}, {"loss", score->loss}, {"n", score->n}};
}

json to_json(const std::vector<EpochRecord>& history) {
    json list = json::array();
    for (const EpochRecord& epoch : history)
        list.push_back({{"epoch", epoch.epoch},
                        {"train", to_json(std::optional(epoch.train))},
                        {"dev", to_json(epoch.dev)},
                        {"test", to_json(epoch.test)}});
    return list;
}

json to_json(const TrainingRecord& record) {
    return {{"gradient", name_of(record.gradient)},
            {"backend", record.backend},
            {"shots", record.shots ? json(*record.shots) : json(nullptr)},
            {"data", record.data},
            {"data_hash", record.data_hash},
            {"seed", record.seed},
            {"optimiser", record.settings.optimiser},
            {"learning_rate", record.settings.learning_rate},
            {"batch", record.settings.batch},
            {"epochs", record.settings.epochs},
            {"schedule", record.settings.schedule},
            {"restarts", record.settings.restarts},
            {"selected_restart", record.selected_restart},
            {"selected_epoch", record.selected_epoch},
            {"selection", record.selection},
            {"train", to_json(std::optional(record.train))},
            {"dev", to_json(record.dev)},
            {"test", to_json(record.test)},
            {"history", to_json(record.history)}};
}

std::vector<EpochRecord> history_from_json(const JsonView& view) {
    std::vector<EpochRecord> history;
    for (const JsonView& epoch : view.elements()) {
        refuse_unknown_keys(epoch, {"epoch", "train", "dev", "test"});
        history.push_back({count_at(epoch, "epoch"), score_from_json(epoch.at("train")),
                           optional_score(epoch, "dev"), optional_score(epoch, "test")});
    }
    return history;
}

TrainingRecord record_from_json(const JsonView& view) {
    refuse_unknown_keys(view, {"gradient", "backend", "shots", "data", "data_hash", "seed", "optimiser",
                               "learning_rate", "batch", "epochs", "schedule", "restarts", "selected_restart",
                               "selected_epoch", "selection", "train", "dev", "test", "history"});
    TrainingRecord record;
    record.data = view.at("data").text();
    record.data_hash = view.at("data_hash").text();
    const JsonView seed = view.at("seed");
    if (!seed.value().is_number_unsigned()) seed.fail("expected a whole number, not negative");
    record.seed = seed.value().get<std::uint64_t>();
    // Left out where the gradients are exact.
    if (view.has("gradient")) record.gradient = gradient_method_of(view.at("gradient").text());
    if (view.has("backend")) record.backend = view.at("backend").text();
    if (view.has("shots") && view.at("shots").value().is_number()) record.shots = count_at(view, "shots");
    record.settings.optimiser = view.at("optimiser").text();
    record.settings.learning_rate = view.at("learning_rate").number();
    record.settings.batch = count_at(view, "batch");
    record.settings.epochs = count_at(view, "epochs");
    // Files of models without restarts may leave these out.
    if (view.has("schedule")) record.settings.schedule = view.at("schedule").text();
    if (view.has("restarts")) record.settings.restarts = count_at(view, "restarts");
    if (view.has("selected_restart")) record.selected_restart = count_at(view, "selected_restart");
    record.selected_epoch = count_at(view, "selected_epoch");
    record.selection = view.at("selection").text();
    record.train = score_from_json(view.at("train"));
    record.dev = optional_score(view, "dev");
    record.test = optional_score(view, "test");
    record.history = history_from_json(view.at("history"));
    return record;
}

void refuse_unknown_keys(const JsonView& view, const std::vector<std::string>& known) {
    for (const std::string& key : view.keys())
        if (std::find(known.begin(), known.end(), key) == known.end())
            throw Error(ErrorKind::invalid_input,
                        (view.path().empty() ? key : view.path() + "." + key) + ": this key is not known",
                        suggestion(key, known));
}

}  // namespace qdcnn::model
