#pragma once

#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "cli/console.h"
#include "cli/options.h"
#include "qdcnn/run/open_backend.h"
#include "qdcnn/run/remote_backend.h"

namespace qdcnn::cli {

/// --fallback, --timeout and --no-twin, beside add_remote_options: for commands that run a model.
void add_hardware_options(Options& options);

/// A command's work on a vendor's device: the local twin goes first, for its PUBs give the quote and its
/// answer is known before anything is paid; then consent; then the device, through the journal. Where the
/// device cannot be had and --fallback local was given, the twin's answer stands in, and every output says
/// so.
class HardwareRun {
  public:
    /// work: the texts that decide what is run (remote_options_of).
    HardwareRun(const ParsedOptions& given, Console& console, std::span<const std::string> work);

    template <typename Answer>
    struct Outcome {
        /// Nothing after --dry-run.
        std::optional<Answer> answer;
        std::optional<Answer> twin;
    };

    /// `work` runs the whole on a backend; it is called once for the twin and once for the device.
    template <typename Answer>
    Outcome<Answer> run(const std::function<Answer(backend::Backend&)>& work) {
        Outcome<Answer> out;
        const auto on = [&](std::optional<Answer>& into) {
            return [&](backend::Backend& backend) { into.emplace(work(backend)); };
        };
        std::optional<Answer> planned;
        try {
            run_twin(on(planned));
            if (has_twin_) out.twin = planned;
            if (!is_dry_run_) run_device(on(out.answer));
        } catch (const Error& error) {
            if (!falls_back(error)) throw;
            if (out.twin)
                out.answer = out.twin;
            else
                run_local(on(out.answer));
        }
        return out;
    }

    /// The name of the backend that the answer is from.
    const std::string& backend_name() const { return backend_name_; }
    bool is_dry_run() const { return is_dry_run_; }
    /// "local:ibm_torino"
    std::string twin_name() const;

    /// Members "jobs", "session" (the one that was opened for them, or null), "quote", "billed", "fallback"
    /// and, then, "fallback_reason".
    void add_facts(nlohmann::ordered_json& answer);
    /// The same for people, a line each.
    void print_facts(std::ostream& out);
    /// What --dry-run answers: qdcnn.plan/1.
    void print_plan(std::ostream& out) const;
    /// The answer is out: the jobs are done with.
    void set_reported();

  private:
    using Work = std::function<void(backend::Backend&)>;
    void run_twin(const Work& work);
    void run_device(const Work& work);
    void run_local(const Work& work);
    /// Whether this is what --fallback is for; then it says so.
    bool falls_back(const Error& error);
    std::vector<std::string> jobs() const;
    /// Of all jobs; nothing while one of them has none.
    std::optional<vendors::Cost> billed();

    const ParsedOptions& given_;
    Console& console_;
    run::OpenOptions options_;
    bool has_twin_;
    bool is_dry_run_;
    bool may_fall_back_ = false;
    std::string backend_name_;
    std::shared_ptr<run::RemoteDevice> device_;
    run::Quote quote_;
    std::optional<std::string> session_;
    std::optional<std::string> fallback_reason_;
};

}  // namespace qdcnn::cli
