#include "run/pin.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "qdcnn/base/error.h"
#include "qdcnn/base/files.h"
#include "qdcnn/base/hash.h"
#include "qdcnn/base/json.h"
#include "qdcnn/target/devices.h"

namespace qdcnn::run {
namespace {

using nlohmann::json;

constexpr const char* kPinSchema = "qdcnn.work/1";
constexpr const char* kPlanSchema = "qdcnn.plan/1";
constexpr const char* kSessionsSchema = "qdcnn.sessions/1";

std::string folder_of(const std::string& journal_folder) { return journal_folder + "/work"; }

void check_name(const std::string& work) {
    const auto is_plain = [](unsigned char c) { return std::isalnum(c) != 0 || c == '-' || c == '_'; };
    if (work.empty() || work.size() > 64 || !std::all_of(work.begin(), work.end(), is_plain))
        throw Error(
            ErrorKind::invalid_input,
            "\"" + work + "\" cannot name a piece of work; expected 1 to 64 letters, digits, - and _");
}

[[noreturn]] void fail_damaged(const std::string& path, const std::string& what) {
    throw Error(ErrorKind::storage, path + " is damaged: " + what,
                "Run again with --new, which asks for today's calibration and sends jobs again.");
}

/// A name in a folder is on disk once the folder is.
void sync_folder(const std::string& folder) {
    const int descriptor = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool is_synced = descriptor >= 0 && fsync(descriptor) == 0;
    if (descriptor >= 0) close(descriptor);
    if (!is_synced) throw Error(ErrorKind::storage, "cannot bring the folder " + folder + " to disk");
}

/// The document under "content" with its own hash.
std::string sealed(const char* schema, json content) {
    json whole{{"schema", schema}, {"sha256", sha256_hex(to_text(content))}};
    whole["content"] = std::move(content);
    return to_text(whole, 1) + "\n";
}

json unsealed(const char* schema, const std::string& text, const std::string& path) {
    try {
        const json whole = parse_json(text, path);
        const JsonView view(whole, path);
        if (view.at("schema").text() != schema) fail_damaged(path, "another schema");
        json content = view.at("content").value();
        if (sha256_hex(to_text(content)) != view.at("sha256").text())
            fail_damaged(path, "its hash does not fit its content");
        return content;
    } catch (const Error& error) {
        if (error.kind() == ErrorKind::storage) throw;
        fail_damaged(path, error.what());
    }
}

std::uint64_t whole_number(const JsonView& view) { return static_cast<std::uint64_t>(view.integer()); }

}  // namespace

std::string pin_to_json(const Pin& pin) {
    const vendors::JobLimits& limits = pin.limits;
    return sealed(kPinSchema, {{"device", pin.device},
                               {"limits",
                                {{"max_pubs", limits.max_pubs},
                                 {"max_shots", limits.max_shots},
                                 {"max_executions", limits.max_executions},
                                 {"max_content_bytes", limits.max_content_bytes},
                                 {"submits_per_minute", limits.submits_per_minute}}},
                               {"target", json::parse(target::target_to_json(pin.target))}});
}

Pin pin_from_json(const std::string& text, const std::string& file_name) {
    const json content = unsealed(kPinSchema, text, file_name);
    try {
        const JsonView view(content, file_name);
        const JsonView limits = view.at("limits");
        return {view.at("device").text(),
                {.max_pubs = whole_number(limits.at("max_pubs")),
                 .max_shots = whole_number(limits.at("max_shots")),
                 .max_executions = whole_number(limits.at("max_executions")),
                 .max_content_bytes = whole_number(limits.at("max_content_bytes")),
                 .submits_per_minute = static_cast<int>(limits.at("submits_per_minute").integer())},
                target::target_from_json(to_text(view.at("target").value()), file_name)};
    } catch (const Error& error) {
        fail_damaged(file_name, error.what());
    }
}

Pin pinned(const std::string& journal_folder, const std::string& work, bool is_new,
           const std::function<Pin()>& ask) {
    check_name(work);
    const std::string folder = folder_of(journal_folder);
    const std::string path = folder + "/" + work + ".json";
    if (!is_new && exists(path)) return pin_from_json(read_file(path), path);
    const std::string text = pin_to_json(ask());
    make_folders(folder);
    if (is_new) {
        write_file_atomic(path, text);
    } else {
        const std::string own = fmt::format("{}.{}", path, getpid());
        write_file_atomic(own, text);
        // Fails where another process was first; then that one's pin holds.
        std::error_code taken, ignored;
        std::filesystem::create_hard_link(own, path, taken);
        std::filesystem::remove(own, ignored);
        sync_folder(folder);
    }
    return pin_from_json(read_file(path), path);
}

void save_plan(const std::string& journal_folder, const std::string& group, const SavedPlan& plan) {
    json all = json::array();
    for (const Part& part : plan.parts) {
        json pieces = json::array();
        for (const Piece& piece : part)
            pieces.push_back({piece.pub, piece.first_row, piece.rows, piece.shots});
        all.push_back(std::move(pieces));
    }
    make_folders(folder_of(journal_folder));
    write_file_atomic(
        folder_of(journal_folder) + "/" + group + ".plan.json",
        sealed(kPlanSchema, {{"pubs", plan.pubs}, {"parts", std::move(all)}, {"digest", plan.digest}}));
}

namespace {

std::string sessions_file(const std::string& journal_folder, const std::string& work) {
    check_name(work);
    return folder_of(journal_folder) + "/" + work + ".sessions.json";
}

}  // namespace

std::vector<std::string> load_sessions(const std::string& journal_folder, const std::string& work) {
    const std::string path = sessions_file(journal_folder, work);
    if (!exists(path)) return {};
    const json content = unsealed(kSessionsSchema, read_file(path), path);
    try {
        return JsonView(content, path).at("sessions").texts();
    } catch (const Error& error) {
        fail_damaged(path, error.what());
    }
}

void save_sessions(const std::string& journal_folder, const std::string& work,
                   const std::vector<std::string>& sessions) {
    const std::string path = sessions_file(journal_folder, work);
    make_folders(folder_of(journal_folder));
    write_file_atomic(path, sealed(kSessionsSchema, {{"sessions", sessions}}));
}

SavedPlan load_plan(const std::string& journal_folder, const std::string& group) {
    const std::string path = folder_of(journal_folder) + "/" + group + ".plan.json";
    const json content = unsealed(kPlanSchema, read_file(path), path);
    SavedPlan plan;
    try {
        const JsonView view(content, path);
        plan.pubs = whole_number(view.at("pubs"));
        plan.digest = view.text_or("digest", "");
        for (const JsonView& part : view.at("parts").elements()) {
            plan.parts.emplace_back();
            for (const JsonView& piece : part.elements())
                plan.parts.back().push_back({whole_number(piece.at(0)), whole_number(piece.at(1)),
                                             whole_number(piece.at(2)), whole_number(piece.at(3))});
        }
    } catch (const Error& error) {
        fail_damaged(path, error.what());
    }
    return plan;
}

}  // namespace qdcnn::run
