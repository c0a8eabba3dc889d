#include <fmt/format.h>

#include "qdcnn/base/error.h"
#include "qdcnn/base/files.h"
#include "qdcnn/base/json.h"
#include "run/study/cells.h"

namespace qdcnn::run {
namespace {

using nlohmann::json;

constexpr const char* kCellSchema = "qdcnn.study.cell/2";

/// All that decides the cell's numbers.
json settings_of(const StudyRequest& request, const StudyCell& cell) {
    auto hash_of = [](const std::optional<text::Dataset>& data) {
        return data ? json(data->hash()) : json(nullptr);
    };
    const bool is_cv = cell.part == StudyPart::cv;
    json settings{{"name", cell.name()},
                  {"train", cell.task->train.hash()},
                  {"dev", hash_of(cell.task->dev)},
                  {"test", hash_of(cell.task->test)},
                  {"epochs", request.epochs ? json(*request.epochs) : json(nullptr)},
                  {"folds", is_cv ? request.folds : 0},
                  {"inner_dev", is_cv ? request.inner_dev : 0.0}};
    return settings;
}

/// "1101..": a sentence each.
std::string text_of(const std::vector<bool>& right) {
    std::string text;
    for (const bool one : right) text += one ? '1' : '0';
    return text;
}

std::vector<bool> right_of(const JsonView& view) {
    std::vector<bool> right;
    for (const char one : view.text()) {
        if (one != '0' && one != '1') view.fail("expected 0 and 1 only");
        right.push_back(one == '1');
    }
    return right;
}

json number_of(const std::optional<double>& value) { return value ? json(*value) : json(nullptr); }

}  // namespace

std::string path_of(const StudyRequest& request, const StudyCell& cell) {
    std::string name = cell.name();
    for (char& letter : name)
        if (!std::isalnum(static_cast<unsigned char>(letter)) && letter != '_') letter = '-';
    return request.folder + "/cells/" + name + ".json";
}

void write_cell(const StudyRequest& request, const StudyCell& cell, const CellResult& result) {
    const json document{{"schema", kCellSchema},
                        {"settings", settings_of(request, cell)},
                        {"parameters", result.parameters},
                        {"circuit_parameters", result.circuit_parameters},
                        {"right", text_of(result.right)},
                        {"train", number_of(result.train)},
                        {"dev", number_of(result.dev)},
                        {"published_rule", number_of(result.published_rule)},
                        {"margin", number_of(result.margin)},
                        {"training_cpu_seconds", result.training_cpu_seconds},
                        {"presets", result.presets},
                        {"weights", result.weights}};
    write_file_atomic(path_of(request, cell), to_text(document, 1) + "\n");
}

std::optional<CellResult> read_cell(const StudyRequest& request, const StudyCell& cell) {
    const std::string path = path_of(request, cell);
    if (!exists(path)) return std::nullopt;
    const json document = read_json_file(path);
    try {
        const JsonView view(document, "");
        if (view.at("schema").text() != kCellSchema ||
            view.at("settings").value() != settings_of(request, cell))
            throw Error(ErrorKind::invalid_input, "this cell is of a study with other data or settings",
                        "Name another folder with -o, or remove this one.");
        CellResult result;
        result.parameters = static_cast<std::size_t>(view.at("parameters").integer());
        result.circuit_parameters = static_cast<std::size_t>(view.at("circuit_parameters").integer());
        result.right = right_of(view.at("right"));
        result.train = view.number_if("train");
        result.dev = view.number_if("dev");
        result.published_rule = view.number_if("published_rule");
        result.margin = view.number_if("margin");
        result.training_cpu_seconds = view.at("training_cpu_seconds").number();
        result.presets = view.at("presets").texts();
        result.weights = view.at("weights").numbers();
        return result;
    } catch (const Error& error) {
        throw error.at({path, 0, 0});
    }
}

}  // namespace qdcnn::run
