#pragma once

#include <memory>

#include "qdcnn/backend/backend.h"
#include "qdcnn/base/random.h"

namespace qdcnn::model {

/// What a backend is asked for in training: each call with a seed of its own, from a stream that the trainer
/// sets before every step, so that a run that was resumed draws the same shots.
class RunSeeds {
  public:
    void start(const Random& random) { random_ = random; }
    std::uint64_t next() { return random_.next() >> 1; }

  private:
    Random random_{0};
};

/// `backend` with gradients that it need not have: Differentiable::forward runs the circuits as they are,
/// under the backend's noise and with options.shots; backward runs them at shifted angles (shift_rule.h), all
/// of a call in one job. Exact where the backend is. Without `has_backward`, backward gives zeros and runs
/// nothing: for who needs values only. Refers to all three. differentiable throws Error(unsupported) for a
/// loop with angles inside, and what shift_rule throws.
std::unique_ptr<backend::Backend> make_gradient_backend(backend::Backend& backend,
                                                        const backend::RunOptions& options, RunSeeds& seeds,
                                                        bool has_backward);

}  // namespace qdcnn::model
