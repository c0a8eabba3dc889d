#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace qdcnn::server {

struct RehearsalSettings {
    /// Where the rehearsal's jobs, its log and the note of who serves them are kept.
    std::string state_folder;
    /// The qdcnn program that serves. Empty: what $QDCNN_PROGRAM names, else this process's own where that is
    /// qdcnn, else the qdcnn beside it or on the PATH.
    std::string program{};
    /// How long the server stays without anything to do.
    std::chrono::seconds idle_limit{900};
    /// How long to wait for it to answer.
    std::chrono::seconds start_limit{20};
    std::uint64_t seed = 0;
};

/// A rehearsal server that answers.
struct Rehearsal {
    /// Where it listens, for example http://127.0.0.1:41234.
    std::string url;
    /// For the account of vendor ibm: API base, key, instance and the addresses of token, search and catalog.
    std::string api_url;
    std::string token;
    std::string instance;
    std::string iam_url;
    std::string search_url;
    std::string catalog_url;
    /// The same as environment variables.
    std::vector<std::pair<std::string, std::string>> environment;
    int process = 0;
    /// This call started it.
    bool is_new = false;
};

/// The rehearsal server of the folder: the one that runs, or else `qdcnn serve --rehearsal`, started as a
/// process of its own that outlives this one and ends when idle. It offers all bundled devices of IBM's form
/// and opens to a key that it makes up, which is kept in the folder with mode 0600. Usable from several
/// processes at once: one server comes of it. Throws Error(storage): the folder or its note cannot be
/// written; Error(network): no server came up in time, with the last lines of its log.
Rehearsal ensure_rehearsal(const RehearsalSettings& settings);

/// What a server in this process is to do to be that server: writes the note after it listens, under the
/// folder's lock, and takes it away before it ends. Returns when idle; throws Error(cancelled) on an
/// interrupt, and as Server does. For `qdcnn serve --rehearsal`.
void serve_rehearsal(const RehearsalSettings& settings);

}  // namespace qdcnn::server
