#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "qdcnn/backend/pub.h"
#include "qdcnn/backend/result.h"
#include "qdcnn/target/target.h"

namespace qdcnn::backend {

enum class JobStatus : std::uint8_t { queued, running, completed, failed, cancelled };

/// A submitted run. Local backends are done when they return one.
template <typename Result>
class Job {
  public:
    virtual ~Job() = default;
    virtual std::string id() const = 0;
    virtual JobStatus status() = 0;
    /// Waits. Throws Error(job_failed) and what the backend's way of failing demands.
    virtual Result result() = 0;
    /// Asks the backend to stop it; no error when it is done already.
    virtual void cancel() = 0;
};

/// A job that finished before it was handed out.
template <typename Result>
class CompletedJob final : public Job<Result> {
  public:
    CompletedJob(std::string id, Result result) : id_(std::move(id)), result_(std::move(result)) {}
    std::string id() const override { return id_; }
    JobStatus status() override { return JobStatus::completed; }
    Result result() override { return result_; }
    void cancel() override {}

  private:
    std::string id_;
    Result result_;
};

struct RunOptions {
    /// Nothing: exact probabilities and values, where the backend has them (Limits::has_exact).
    std::optional<std::uint64_t> shots;
    /// Same seed, same result, whatever the thread count.
    std::uint64_t seed = 0;
};

struct Limits {
    std::uint32_t max_qubits = 0;
    std::uint64_t max_shots = 0;
    bool has_exact = false;
    /// Measures in mid-circuit, resets and branches on measured bits.
    bool is_dynamic = true;
};

/// Exact values and vector-Jacobian products of one circuit template: what training needs. One object serves
/// many calls; it keeps scratch memory and is not shared between threads.
class Differentiable {
  public:
    virtual ~Differentiable() = default;
    /// values: rows x observables.
    virtual void forward(const ParameterMatrix& parameters, std::span<double> values) = 0;
    /// For the rows of the last forward: gradient[row][k] = sum_o cotangent[row][o] d value[row][o] / d
    /// parameter wrt[k]. cotangent: rows x observables; gradient: rows x wrt.size(), overwritten.
    virtual void backward(std::span<const double> cotangent, std::span<double> gradient) = 0;
};

/// A machine that runs PUBs: the local simulator, a vendor's device, a double in tests. Implementations check
/// PUBs with `check` and throw Error for what they refuse; nothing else decides who answers.
class Backend {
  public:
    virtual ~Backend() = default;
    virtual const std::string& name() const = 0;
    /// The device whose native gates and coupling circuits must have; null when any circuit will do.
    virtual const target::Target* target() const { return nullptr; }
    virtual Limits limits() const = 0;

    virtual std::unique_ptr<Job<SamplerResult>> run(std::vector<SamplerPub> pubs,
                                                    const RunOptions& options) = 0;
    virtual std::unique_ptr<Job<EstimatorResult>> run(std::vector<EstimatorPub> pubs,
                                                      const RunOptions& options) = 0;

    /// Gradients are a capability: null when the backend has none of its own (parameter shift serves those).
    /// wrt: the parameters to differentiate; amplitudes of a Prepare are data and cannot be among them.
    virtual std::unique_ptr<Differentiable> differentiable(
        std::shared_ptr<const circuit::Circuit> /*circuit*/, std::vector<circuit::Observable> /*observables*/,
        std::vector<circuit::ParameterIndex> /*wrt*/) {
        return nullptr;
    }
};

/// Qiskit's SamplerV2 on a backend. The backend must outlive it.
class Sampler {
  public:
    explicit Sampler(Backend& backend, RunOptions options = {.shots = 1024})
        : backend_(&backend), options_(options) {}
    std::unique_ptr<Job<SamplerResult>> run(std::vector<SamplerPub> pubs) {
        return backend_->run(std::move(pubs), options_);
    }

  private:
    Backend* backend_;
    RunOptions options_;
};

/// Qiskit's EstimatorV2 on a backend. The backend must outlive it.
class Estimator {
  public:
    explicit Estimator(Backend& backend, RunOptions options = {}) : backend_(&backend), options_(options) {}
    std::unique_ptr<Job<EstimatorResult>> run(std::vector<EstimatorPub> pubs) {
        return backend_->run(std::move(pubs), options_);
    }

  private:
    Backend* backend_;
    RunOptions options_;
};

}  // namespace qdcnn::backend
