#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cli/options.h"
#include "qdcnn/backend/pub.h"
#include "qdcnn/run/open_backend.h"

namespace qdcnn::cli {

/// What `submit` and `estimate` are about: a circuit's file, or the first round of a model on a data set.
class CircuitJob {
  public:
    /// --model, --data, --observable, --no-transpile and the file.
    static void add_options(Options& options);

    /// Reads and checks it all. Throws Error(usage) for a mixture.
    explicit CircuitJob(const ParsedOptions& given);

    /// remote_options_of's `work`: a model's is that of eval, which goes on with what submit has sent.
    const std::vector<std::string>& work() const { return work_; }
    /// Rounds that follow the one sent.
    std::size_t rounds_left() const { return rounds_left_; }

    /// Runs the PUBs on `device`, a backend of native circuits on that target: as they are where they are
    /// legal there, else transpiled. Returns the job's id. Throws Error(invalid_input) for --no-transpile and
    /// a circuit that is not legal.
    std::string run_on(std::unique_ptr<backend::Backend> device, const run::OpenOptions& options,
                       const backend::RunOptions& run) const;

  private:
    /// By whether the device is dynamic.
    std::vector<backend::EstimatorPub> model_pubs(bool may_be_dynamic) const;

    std::vector<std::string> work_;
    std::size_t rounds_left_ = 0;
    bool may_transpile_ = true;
    std::shared_ptr<const circuit::Circuit> circuit_;
    std::vector<circuit::Observable> observables_;
    std::string model_file_;
    std::vector<std::string> sentences_;
};

}  // namespace qdcnn::cli
