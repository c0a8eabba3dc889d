#include "qdcnn/cli/main.h"

#include <fmt/format.h>

#include <algorithm>
#include <new>
#include <nlohmann/json.hpp>
#include <ostream>

#include "cli/commands.h"
#include "qdcnn/base/error.h"
#include "qdcnn/base/interrupt.h"
#include "qdcnn/base/json.h"
#include "qdcnn/base/log.h"
#include "qdcnn/base/suggest.h"

namespace qdcnn::cli {
namespace {

void print_error(const Error& error, bool as_json, std::ostream& err) {
    const auto& position = error.position();
    if (as_json) {
        nlohmann::ordered_json answer{{"schema", "qdcnn.error/1"},
                                      {"kind", to_string(error.kind())},
                                      {"message", error.what()},
                                      {"hint", error.hint()},
                                      {"position", nullptr}};
        if (position)
            answer["position"] = {
                {"file", position->file}, {"line", position->line}, {"column", position->column}};
        err << to_text(answer) << '\n';
        return;
    }
    std::string place;
    if (position) {
        place = position->file;
        if (position->line > 0) place += fmt::format("{}{}", place.empty() ? "" : ":", position->line);
        if (position->column > 0) place += fmt::format(":{}", position->column);
        if (!place.empty()) place += ": ";
    }
    err << "error: " << place << error.what() << '\n';
    if (!error.hint().empty()) err << "hint: " << error.hint() << '\n';
}

/// Settings and the log, before the command begins.
void load_settings(const ParsedOptions& given, Console& console) {
    std::map<std::string, std::string> flags;
    for (const accounts::SettingRow& row : accounts::setting_rows()) {
        const std::string flag(row.flag);
        if (const auto text = row.flag.empty() ? std::nullopt : given.text(flag)) flags[flag] = *text;
    }
    console.surroundings = accounts::Surroundings::of_process();
    console.settings = accounts::Settings::load(console.surroundings, flags);
    const LogLevel level = log_level(console.settings.text("log.level").value());
    open_log(level, console.settings.text("log.file").value_or(""));
}

std::string help() {
    std::string text =
        "usage: qdcnn COMMAND [options]\n"
        "From a sentence to a quantum computer and back.\n\n";
    for (const Command& command : commands())
        text += fmt::format("  {:<11} {}\n", command.name, command.summary);
    text += "\nqdcnn COMMAND --help tells a command's options. Every command takes --json.\n";
    return text;
}

int dispatch(const std::vector<std::string>& arguments, Console& console) {
    if (arguments.empty()) throw Error(ErrorKind::usage, "no command given", "See qdcnn --help.");
    const std::string& name = arguments[0];
    if (name == "--help" || name == "help") {
        console.out << help();
        return 0;
    }
    if (name == "--version") {
        console.out << "qdcnn " << QDCNN_VERSION << '\n';
        return 0;
    }
    const auto table = commands();
    const auto command =
        std::find_if(table.begin(), table.end(), [&](const Command& row) { return row.name == name; });
    if (command == table.end()) {
        std::vector<std::string> names;
        for (const Command& row : table) names.emplace_back(row.name);
        throw Error(ErrorKind::usage, fmt::format("unknown command \"{}\"", name), suggestion(name, names));
    }
    const Options options = command->options();
    const ParsedOptions given = options.parse({arguments.begin() + 1, arguments.end()});
    if (given.help()) {
        console.out << options.help();
        return 0;
    }
    load_settings(given, console);
    return command->run(given, console);
}

}  // namespace

int main(const std::vector<std::string>& arguments, std::ostream& out, std::ostream& err,
         bool err_is_terminal, const run::ServiceOpener& open_service) {
    Console console{.out = out, .err = err, .err_is_terminal = err_is_terminal, .open_service = open_service};
    const bool as_json = std::find(arguments.begin(), arguments.end(), "--json") != arguments.end();
    auto fail = [&](const Error& error) {
        print_error(error, as_json, err);
        // 128 + signal, as a shell reports it.
        if (error.kind() == ErrorKind::cancelled && interrupt().signal_number() != 0)
            return 128 + interrupt().signal_number();
        return exit_code(error.kind());
    };
    try {
        const int code = dispatch(arguments, console);
        if (!out.flush())
            return fail(Error(ErrorKind::storage, "cannot write the answer to standard output"));
        return code;
    } catch (const Error& error) {
        return fail(error);
    } catch (const std::bad_alloc&) {
        return fail(Error(ErrorKind::out_of_memory, "out of memory", "Use fewer qubits or a smaller batch."));
    } catch (const std::exception& error) {
        return fail(Error(ErrorKind::internal, fmt::format("internal error: {}", error.what()),
                          "This is a defect of qdcnn; please report it with the command that caused it."));
    }
}

}  // namespace qdcnn::cli
