#include <fmt/format.h>

#include <filesystem>

#include "qdcnn/base/error.h"
#include "qdcnn/base/files.h"
#include "qdcnn/base/split.h"
#include "qdcnn/model/models.h"
#include "qdcnn/run/study.h"

namespace qdcnn::run {
namespace {

StudyTask task_of_folder(const std::string& folder) {
    const std::filesystem::path path = std::filesystem::path(folder).lexically_normal();
    auto file = [&](const char* name) { return (path / name).string(); };
    StudyTask task{path.has_filename() ? path.filename().string() : path.parent_path().filename().string(),
                   text::load_dataset(file("train.csv")),
                   {},
                   {}};
    if (exists(file("dev.csv"))) task.dev = text::load_dataset(file("dev.csv"));
    if (exists(file("test.csv"))) task.test = text::load_dataset(file("test.csv"));
    return task;
}

}  // namespace

StudyRow study_row(const std::string& whole) {
    const std::size_t at = whole.find('@');
    const std::string text = whole.substr(0, at);
    const std::size_t colon = text.find(':');
    StudyRow row{text, text.substr(0, colon), {"auto"}};
    if (at != std::string::npos) row.only_task = whole.substr(at + 1);
    if (colon != std::string::npos) row.presets = split(text.substr(colon + 1), '+');
    for (const std::string& preset : row.presets) model::check_preset(row.model, preset);
    return row;
}

StudyTask study_task(const std::string& text) {
    if (text.starts_with("builtin:"))
        return {text.substr(std::string("builtin:").size()), text::load_dataset(text + ":train"),
                std::nullopt, text::load_dataset(text + ":test"), text};
    const std::size_t colon = text.find(":train=");
    if (colon == std::string::npos) return task_of_folder(text);
    StudyTask task{text.substr(0, colon), {}, {}, {}};
    for (const std::string& part : split(text.substr(colon + 1), ',')) {
        const std::size_t equals = part.find('=');
        const std::string key = part.substr(0, equals);
        if (equals == std::string::npos || (key != "train" && key != "dev" && key != "test"))
            throw Error(ErrorKind::usage, fmt::format("\"{}\" in the task {}", part, text),
                        "A task is a folder, builtin:NAME, or NAME:train=FILE,dev=FILE,test=FILE.");
        text::Dataset data = text::load_dataset(part.substr(equals + 1));
        if (key == "train")
            task.train = std::move(data);
        else
            (key == "dev" ? task.dev : task.test) = std::move(data);
    }
    return task;
}

}  // namespace qdcnn::run
