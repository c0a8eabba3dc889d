#include "qdcnn/target/devices.h"

#include <fmt/format.h>

#include <filesystem>
#include <string_view>
#include <utility>

#include "qdcnn/base/error.h"
#include "qdcnn/base/files.h"
#include "qdcnn/base/resources.h"
#include "qdcnn/base/suggest.h"
#include "reading.h"

namespace qdcnn::target {
namespace {

constexpr std::string_view kFolder = "devices/";
constexpr std::string_view kEnding = ".json";

bool is_ibm_configuration(const nlohmann::json& document) { return document.contains("basis_gates"); }
bool is_ibm_properties(const nlohmann::json& document) {
    return document.contains("gates") && document.contains("qubits") && document.contains("last_update_date");
}

/// The other file of IBM's two, by name, in the same folder.
std::string companion(const std::filesystem::path& file, bool is_configuration) {
    constexpr std::pair<std::string_view, std::string_view> kNames[] = {{"configuration", "properties"},
                                                                        {"conf_", "props_"}};
    for (const auto& [configuration, properties] : kNames) {
        const std::string_view own = is_configuration ? configuration : properties;
        std::string name = file.filename().string();
        const auto at = name.find(own);
        if (at == std::string::npos) continue;
        name.replace(at, own.size(), is_configuration ? properties : configuration);
        const auto path = file.parent_path() / name;
        std::error_code ignored;
        if (std::filesystem::exists(path, ignored)) return path.string();
    }
    throw Error(ErrorKind::not_found,
                "this is one of IBM's two files of a device; the other is not beside it",
                "Put configuration.json and properties.json into one folder and name the folder.");
}

Target from_document(const nlohmann::json& document) {
    const JsonView root(document, "");
    Target target;
    if (root.has("schema"))
        target = target_from_own_form(root);
    else if (root.has("format"))
        target = target_from_benchmark_form(root);
    else
        throw Error(ErrorKind::invalid_input, "this is no device file known here",
                    "Known: \"schema\": \"qdcnn.target/1\", \"format\": 1, IBM's configuration.json and "
                    "properties.json.");
    finish_target(target);
    return target;
}

}  // namespace

std::vector<std::string> bundled_devices() {
    std::vector<std::string> names;
    for (const std::string& path : resources_below("devices"))
        if (path.ends_with(kEnding))
            names.push_back(path.substr(kFolder.size(), path.size() - kFolder.size() - kEnding.size()));
    return names;
}

Target load_target(const std::string& name_or_path) {
    if (const auto text = resource(fmt::format("{}{}{}", kFolder, name_or_path, kEnding)))
        return target_from_json(std::string(*text), name_or_path + std::string(kEnding));
    std::error_code ignored;
    if (std::filesystem::exists(name_or_path, ignored)) return read_target(name_or_path);
    throw Error(ErrorKind::not_found, fmt::format("there is no device or device file \"{}\"", name_or_path),
                suggestion(name_or_path, bundled_devices()));
}

Target target_from_json(const std::string& text, const std::string& file_name) {
    const nlohmann::json document = parse_json(text, file_name);
    try {
        return from_document(document);
    } catch (const Error& error) {
        throw error.with_context(file_name);
    }
}

Target read_target(const std::string& path) {
    namespace fs = std::filesystem;
    std::error_code ignored;
    if (fs::is_directory(path, ignored)) {
        const fs::path folder(path);
        return target_from_ibm(read_file((folder / "configuration.json").string()),
                               read_file((folder / "properties.json").string()));
    }
    const std::string text = read_file(path);
    const nlohmann::json document = parse_json(text, path);
    try {
        if (is_ibm_configuration(document)) return target_from_ibm(text, read_file(companion(path, true)));
        if (is_ibm_properties(document)) return target_from_ibm(read_file(companion(path, false)), text);
        return from_document(document);
    } catch (const Error& error) {
        throw error.with_context(path);
    }
}

}  // namespace qdcnn::target
