#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <nlohmann/json.hpp>
#include <ostream>

#include "cli/commands.h"
#include "qdcnn/base/error.h"
#include "qdcnn/base/json.h"
#include "qdcnn/server/rehearsal.h"
#include "qdcnn/server/server.h"

namespace qdcnn::cli {
namespace {

constexpr double kLongestWait = 1e6;

std::chrono::milliseconds in_milliseconds(double seconds) {
    return std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1e3));
}

std::uint64_t seed_of(const ParsedOptions& given) {
    return static_cast<std::uint64_t>(
        given.integer("seed", 0, std::numeric_limits<std::int64_t>::max()).value_or(0));
}

server::Settings settings_of(const ParsedOptions& given) {
    server::Settings settings;
    settings.port = static_cast<int>(given.integer("port", 0, 65'535).value_or(0));
    settings.tls_certificate = given.text_or("tls-cert", "");
    settings.tls_key = given.text_or("tls-key", "");
    if (given.has("device")) settings.devices = given.list_or("device", "");
    settings.state_folder = given.text_or("state", "");
    settings.record_folder = given.text_or("record", "");
    settings.seed = seed_of(given);
    settings.idle_limit = in_milliseconds(given.number("idle-timeout", 0, kLongestWait).value_or(0));
    settings.noise_scale = given.number("noise-scale", 0, 1e6).value_or(1.0);
    if (const auto pace = given.number("pace", 0, kLongestWait))
        settings.pace = {in_milliseconds(*pace), in_milliseconds(*pace)};
    settings.takes_faults = given.has("faults");
    return settings;
}

void announce(const server::Server& server, bool is_json, std::ostream& out) {
    if (is_json) {
        nlohmann::ordered_json variables = nlohmann::ordered_json::object();
        for (const auto& [name, value] : server.environment()) variables[name] = value;
        out << to_text(nlohmann::ordered_json{{"schema", "qdcnn.serve/1"},
                                              {"url", server.url()},
                                              {"process", ::getpid()},
                                              {"environment", variables}})
            << '\n';
    } else {
        out << "# serving at " << server.url() << "; for clients:\n";
        for (const auto& [name, value] : server.environment())
            out << fmt::format("export {}='{}'\n", name, value);
    }
    out.flush();
}

}  // namespace

Options serve_options() {
    Options options("serve",
                    "Serves IBM Quantum's REST API on this machine, with the noisy simulator of each device "
                    "behind it, until it is interrupted or idle. Prints the environment variables with which "
                    "clients find it.");
    options.value("port", "N", "the port; any that is free when not given");
    options.value("tls-cert", "FILE", "certificate chain in PEM, to serve TLS");
    options.value("tls-key", "FILE", "its key");
    options.value("device", "NAME,..", "bundled devices or device files; ibm_torino when not given");
    options.value("idle-timeout", "S", "ends after so many seconds without anything to do; 0: never");
    options.value("state", "DIR", "keeps jobs there; else they are gone at the end");
    options.value("seed", "N", "of jobs that bring no seed; 0 when not given");
    options.value("noise-scale", "X", "how many times the devices' noise");
    options.value("pace", "S", "how long a job is queued, and at least runs; 0.2 when not given");
    options.value("record", "DIR", "writes every exchange there, keys and tokens masked");
    options.flag("faults", "POST /rehearsal/faults makes requests go wrong, for tests");
    options.flag(
        "rehearsal",
        "what --backend rehearsal starts: all of IBM's bundled devices, a key made up, and a note in "
        "--state where it is");
    return options;
}

int run_serve(const ParsedOptions& given, Console& console) {
    if (given.has("rehearsal")) {
        server::RehearsalSettings settings;
        settings.state_folder = given.text_or("state", "");
        settings.seed = seed_of(given);
        if (const auto idle = given.integer("idle-timeout", 0, 1'000'000))
            settings.idle_limit = std::chrono::seconds(*idle);
        server::serve_rehearsal(settings);
        return 0;
    }
    server::Server server(settings_of(given));
    announce(server, given.json(), console.out);
    server.wait();
    return 0;
}

}  // namespace qdcnn::cli
