#pragma once

#include <functional>
#include <string>

#include "qdcnn/run/plan.h"
#include "qdcnn/target/target.h"
#include "qdcnn/vendors/service.h"

namespace qdcnn::run {

/// What a piece of work was begun with and goes on with, whatever the vendor says later.
struct Pin {
    std::string device;
    vendors::JobLimits limits;
    target::Target target;
};

/// The pin of that work beside the journal; made by `ask` and on disk when this returns, where there is none
/// or is_new. Of several processes one makes it and all get it. Throws Error(storage) when it is damaged,
/// Error(invalid_input) for a name that is none.
Pin pinned(const std::string& journal_folder, const std::string& work, bool is_new,
           const std::function<Pin()>& ask);

/// Text that `pinned` reads back, with a hash of its own.
std::string pin_to_json(const Pin& pin);
Pin pin_from_json(const std::string& text, const std::string& file_name);

/// How a group's jobs make one result, kept for whoever comes for it later.
struct SavedPlan {
    std::vector<Part> parts{};
    std::size_t pubs = 0;
    /// digest_of what was run; empty where it is not kept.
    std::string digest{};
};
void save_plan(const std::string& journal_folder, const std::string& group, const SavedPlan& plan);
/// The sessions that were opened for a piece of work, oldest first; none where none was. Throws
/// Error(storage).
std::vector<std::string> load_sessions(const std::string& journal_folder, const std::string& work);
void save_sessions(const std::string& journal_folder, const std::string& work,
                   const std::vector<std::string>& sessions);

/// Throws Error(not_found | storage).
SavedPlan load_plan(const std::string& journal_folder, const std::string& group);

}  // namespace qdcnn::run
