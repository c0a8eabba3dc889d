#pragma once

#include <memory>
#include <string>

#include "qdcnn/backend/backend.h"
#include "qdcnn/run/remote_device.h"

namespace qdcnn::run {

/// A device of a vendor's as a backend: it takes circuits of native gates on its own qubits (target()). Each
/// run is split by the vendor's limits, goes through the journal and returns once it is sent; `result` waits,
/// fetches and joins. A job's id is the journal's (of several jobs: the group's), by which any process picks
/// it up: open_job. What the journal has already is not sent again. Every run needs shots.
std::unique_ptr<backend::Backend> make_remote_backend(std::shared_ptr<RemoteDevice> device);

/// Prepares and prices what make_remote_backend would send, sends nothing, and lets `local` answer with the
/// same PUBs, split alike and with the same seeds; without `local` (null) the jobs have no results
/// (Error(unsupported)). Adds to `quote`, which outlives it.
std::unique_ptr<backend::Backend> make_quoting_backend(std::shared_ptr<RemoteDevice> device,
                                                       std::unique_ptr<backend::Backend> local, Quote& quote);

/// A job of the journal, whoever sent it: by our id, its beginning, the vendor's id, or a group's id. Throws
/// Error(not_found). Its result waits; it throws Error(job_failed) for a job that failed or was cancelled,
/// Error(timeout) when the time limit is over and the job goes on, Error(outcome_unknown).
std::unique_ptr<backend::Job<vendors::JobResult>> open_job(const std::string& id,
                                                           const JournalPlace& place = {},
                                                           const WaitOptions& wait = {});

}  // namespace qdcnn::run
