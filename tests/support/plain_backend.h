#pragma once

#include "qdcnn/backend/backend.h"

namespace qdcnn::test {

/// The slow plain twin of the local simulator: exact expectation values of circuits of gates and
/// preparations, one whole-matrix gate after the other, and gradients by parameter shift. For circuits
/// without measurements.
class PlainBackend final : public backend::Backend {
  public:
    const std::string& name() const override { return name_; }
    backend::Limits limits() const override {
        return {.max_qubits = 12, .max_shots = 0, .has_exact = true, .is_dynamic = false};
    }

    /// Throws Error(unsupported): a sampler has no plain twin.
    std::unique_ptr<backend::Job<backend::SamplerResult>> run(std::vector<backend::SamplerPub> pubs,
                                                              const backend::RunOptions& options) override;
    std::unique_ptr<backend::Job<backend::EstimatorResult>> run(std::vector<backend::EstimatorPub> pubs,
                                                                const backend::RunOptions& options) override;
    std::unique_ptr<backend::Differentiable> differentiable(
        std::shared_ptr<const circuit::Circuit> circuit, std::vector<circuit::Observable> observables,
        std::vector<circuit::ParameterIndex> wrt) override;

    /// What was asked so far: calls of run, and rows of all their PUBs.
    std::size_t calls = 0;
    std::size_t circuits = 0;

  private:
    std::string name_ = "plain";
};

}  // namespace qdcnn::test
