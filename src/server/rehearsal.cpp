#include "qdcnn/server/rehearsal.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <optional>
#include <thread>

#include "api.h"
#include "detached_process.h"
#include "qdcnn/base/error.h"
#include "qdcnn/base/files.h"
#include "qdcnn/base/interrupt.h"
#include "qdcnn/base/json.h"
#include "qdcnn/base/redact.h"
#include "qdcnn/http/transport.h"
#include "qdcnn/server/server.h"
#include "qdcnn/target/devices.h"

namespace qdcnn::server {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kPause{20};
constexpr std::size_t kBytesOfLogShown = 600;

std::string note_path(const std::string& folder) { return folder + "/rehearsal.json"; }
std::string log_path(const std::string& folder) { return folder + "/rehearsal.log"; }

/// One process at a time reads or changes who serves the folder. Held while it lives.
class FolderLock {
  public:
    FolderLock(const std::string& folder, milliseconds limit) {
        const std::string path = folder + "/rehearsal.lock";
        file_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        if (file_ < 0)
            throw Error(ErrorKind::storage, fmt::format("cannot open {}: {}", path, std::strerror(errno)));
        const auto end = steady_clock::now() + limit;
        while (::flock(file_, LOCK_EX | LOCK_NB) != 0) {
            if (steady_clock::now() > end || interrupt().signal_number() != 0) {
                ::close(file_);
                interrupt().throw_if_interrupted();
                throw Error(ErrorKind::storage, fmt::format("{} is held by another process", path));
            }
            std::this_thread::sleep_for(kPause);
        }
    }
    ~FolderLock() { ::close(file_); }
    FolderLock(const FolderLock&) = delete;
    FolderLock& operator=(const FolderLock&) = delete;

  private:
    int file_ = -1;
};

void make_private_folder(const std::string& folder) {
    if (folder.empty()) throw Error(ErrorKind::invalid_input, "the rehearsal needs a folder for its state");
    make_folders(folder);
    if (::chmod(folder.c_str(), 0700) != 0)
        throw Error(ErrorKind::storage,
                    fmt::format("cannot keep {} private: {}", folder, std::strerror(errno)));
}

std::string random_token() {
    unsigned char bytes[24];
    if (::getrandom(bytes, sizeof bytes, 0) != static_cast<ssize_t>(sizeof bytes))
        throw Error(ErrorKind::internal, "no random bytes for a key");
    std::string text = "rehearsal-";
    for (const unsigned char byte : bytes) text += fmt::format("{:02x}", byte);
    return text;
}

/// Made with mode 0600 before the key is in it.
void write_note(const std::string& folder, const json& note) {
    const std::string path = note_path(folder), fresh = path + ".new";
    ::unlink(fresh.c_str());
    const int file = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    const std::string text = to_text(note, 1) + "\n";
    const bool is_written =
        file >= 0 && ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
    if (file >= 0) ::close(file);
    if (!is_written || ::rename(fresh.c_str(), path.c_str()) != 0)
        throw Error(ErrorKind::storage, fmt::format("cannot write {}: {}", path, std::strerror(errno)));
}

/// What the note says. Nothing where there is none, or none that can be read.
std::optional<Rehearsal> read_note(const std::string& folder) {
    const std::string path = note_path(folder);
    if (!exists(path)) return std::nullopt;
    try {
        const json document = read_json_file(path);
        const JsonView note(document, path);
        Rehearsal found;
        found.url = note.at("url").text();
        found.process = static_cast<int>(note.at("process").integer());
        const JsonView variables = note.at("environment");
        for (const JsonView& variable : variables.elements())
            found.environment.emplace_back(variable.at(0).text(), variable.at(1).text());
        for (const auto& [name, member] : {std::pair{"QISKIT_IBM_TOKEN", &Rehearsal::token},
                                           std::pair{"QISKIT_IBM_URL", &Rehearsal::api_url},
                                           std::pair{"QISKIT_IBM_INSTANCE", &Rehearsal::instance},
                                           std::pair{"IAM_URL", &Rehearsal::iam_url},
                                           std::pair{"GLOBAL_SEARCH_URL", &Rehearsal::search_url},
                                           std::pair{"GLOBAL_CATALOG_URL", &Rehearsal::catalog_url}})
            for (const auto& [variable, value] : found.environment)
                if (variable == name) found.*member = value;
        redactor().add_secret(found.token);
        return found;
    } catch (const Error&) {
        return std::nullopt;
    }
}

/// Whether that very process answers there. To ask counts as use: the server stays for its idle limit.
bool answers(const Rehearsal& rehearsal) {
    if (!process_runs(rehearsal.process)) return false;
    http::Request request{.url = rehearsal.url + "/rehearsal/stats"};
    request.time_limit = milliseconds(2'000);
    request.connect_limit = milliseconds(1'000);
    const auto outcome = http::make_curl_transport({})->send(request);
    const auto* response = std::get_if<http::Response>(&outcome);
    if (response == nullptr || response->status != 200) return false;
    const json document = json::parse(response->body, nullptr, false);
    return document.is_object() && document.value("process", 0) == rehearsal.process;
}

bool is_program(const std::string& path) {
    return !path.empty() && !is_folder(path) && ::access(path.c_str(), X_OK) == 0;
}

std::string find_program(const std::string& given) {
    if (!given.empty()) return given;
    if (const char* named = std::getenv("QDCNN_PROGRAM"); named != nullptr && *named != '\0') return named;
    std::error_code ignored;
    const auto own = std::filesystem::read_symlink("/proc/self/exe", ignored);
    if (own.filename() == "qdcnn") return own;
    if (const std::string beside = own.parent_path() / "qdcnn"; is_program(beside)) return beside;
    const char* variable = std::getenv("PATH");
    std::string path = variable == nullptr ? "" : variable;
    while (!path.empty()) {
        const std::size_t end = std::min(path.find(':'), path.size());
        if (const std::string there = path.substr(0, end) + "/qdcnn"; is_program(there)) return there;
        path.erase(0, end + 1);
    }
    return {};
}

std::string end_of_log(const std::string& folder) {
    try {
        const std::string text = read_file(log_path(folder));
        return redactor().redact(text.substr(text.size() - std::min(text.size(), kBytesOfLogShown)));
    } catch (const Error&) {
        return {};
    }
}

Rehearsal start(const RehearsalSettings& settings) {
    const std::string program = find_program(settings.program);
    if (!is_program(program))
        throw Error(ErrorKind::not_found,
                    program.empty() ? "no qdcnn program is found to serve the rehearsal"
                                    : fmt::format("{} is no program", program),
                    "Put qdcnn on the PATH, or name it in QDCNN_PROGRAM.");
    ::unlink(note_path(settings.state_folder).c_str());
    const int process =
        start_detached({program, "serve", "--rehearsal", "--state", settings.state_folder, "--idle-timeout",
                        std::to_string(settings.idle_limit.count()), "--seed", std::to_string(settings.seed)},
                       log_path(settings.state_folder));
    const auto end = steady_clock::now() + settings.start_limit;
    while (steady_clock::now() < end && process_runs(process)) {
        interrupt().throw_if_interrupted();
        auto found = read_note(settings.state_folder);
        if (found && found->process == process && answers(*found)) {
            found->is_new = true;
            return *found;
        }
        std::this_thread::sleep_for(kPause);
    }
    throw Error(ErrorKind::network,
                fmt::format("the rehearsal server did not come up. The end of {}:\n{}",
                            log_path(settings.state_folder), end_of_log(settings.state_folder)));
}

/// The devices of IBM's form that are built in.
std::vector<std::string> rehearsal_devices() {
    std::vector<std::string> names = target::bundled_devices();
    std::erase_if(names, [](const std::string& name) { return !name.starts_with("ibm_"); });
    return names;
}

}  // namespace

Rehearsal ensure_rehearsal(const RehearsalSettings& settings) {
    make_private_folder(settings.state_folder);
    // Whoever holds the lock may be starting the server.
    const FolderLock lock(settings.state_folder, settings.start_limit + milliseconds(5'000));
    if (const auto found = read_note(settings.state_folder); found && answers(*found)) return *found;
    return start(settings);
}

void serve_rehearsal(const RehearsalSettings& settings) {
    make_private_folder(settings.state_folder);
    Settings own;
    own.devices = rehearsal_devices();
    own.state_folder = settings.state_folder;
    own.token = random_token();
    own.seed = settings.seed;
    own.idle_limit = settings.idle_limit;
    Server server(own);
    json variables = json::array();
    for (const auto& [name, value] : server.environment()) variables.push_back({name, value});
    // Who started this one holds the lock and waits for the note.
    write_note(settings.state_folder, {{"schema", "qdcnn.rehearsal-note/1"},
                                       {"process", ::getpid()},
                                       {"url", server.url()},
                                       {"environment", variables}});
    while (true) {
        server.wait();
        const FolderLock lock(settings.state_folder, milliseconds(60'000));
        // Asked by somebody in the meantime, it stays.
        if (!server.is_idle()) continue;
        ::unlink(note_path(settings.state_folder).c_str());
        server.stop();
        return;
    }
}

}  // namespace qdcnn::server
