#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <ostream>

#include "cli/commands.h"
#include "qdcnn/base/error.h"
#include "qdcnn/base/json.h"
#include "qdcnn/base/redact.h"
#include "qdcnn/report/table.h"

namespace qdcnn::cli {
namespace {

using nlohmann::ordered_json;

/// A number as one; what may be shown of a text (a proxy's URL may hold a password).
ordered_json shown(const accounts::SettingRow& row, const accounts::Settings& settings) {
    if (!settings.value(row.name)) return nullptr;
    if (row.type == accounts::SettingType::number) return settings.number(row.name).value();
    if (row.type == accounts::SettingType::texts) return settings.texts(row.name);
    return redactor().redact(settings.value(row.name)->text);
}

ordered_json or_null(const std::string& text) {
    return text.empty() ? ordered_json(nullptr) : ordered_json(text);
}

}  // namespace

Options config_options() {
    Options options(
        "config",
        "Shows the settings: qdcnn config show [--origin]. A flag counts before the variable, the "
        "variable before the project's qdcnn.toml, that before config.toml in the folder "
        "~/.config/qdcnn. Every setting has a variable: QDCNN_LOG_LEVEL for log.level.");
    options.positional("show", "what to do");
    options.flag("origin", "also where each value comes from, with file and line");
    return options;
}

int run_config(const ParsedOptions& given, Console& console) {
    if (given.words()[0] != "show")
        throw Error(ErrorKind::usage, fmt::format("unknown action \"{}\"", given.words()[0]),
                    "qdcnn config show");
    const accounts::Settings& settings = console.settings;
    ordered_json rows = ordered_json::array();
    report::Table table{{{"setting"}, {"value"}}, {}};
    if (given.has("origin")) table.columns.push_back({"origin"});
    for (const accounts::SettingRow& row : accounts::setting_rows()) {
        const auto& value = settings.value(row.name);
        const ordered_json text = shown(row, settings);
        ordered_json one{{"name", row.name},
                         {"value", text},
                         {"level", value ? ordered_json(to_string(value->level)) : ordered_json(nullptr)},
                         {"origin", or_null(value ? value->place : "")}};
        std::vector<std::string> cells{std::string(row.name), value ? redactor().redact(value->text) : "-"};
        if (given.has("origin"))
            cells.push_back(!value ? "" : value->place.empty() ? "built in" : value->place);
        rows.push_back(std::move(one));
        table.rows.push_back(std::move(cells));
    }
    if (given.json())
        console.out << to_text(ordered_json{{"schema", "qdcnn.config/1"},
                                            {"project_file", or_null(settings.project_file())},
                                            {"user_file", or_null(settings.user_file())},
                                            {"settings", std::move(rows)}})
                    << '\n';
    else
        console.out << report::to_text(table);
    return 0;
}

}  // namespace qdcnn::cli
