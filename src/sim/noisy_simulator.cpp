#include <cmath>

#include "density_memory.h"
#include "qdcnn/base/memory.h"
#include "qdcnn/sim/density_matrix.h"

namespace qdcnn::sim {
namespace {

class NoisySimulator final : public Simulator {
  public:
    NoisySimulator(NoiseModel noise, const DensityMatrixOptions& options)
        : noise_(std::move(noise)), options_(options) {}

    Outcome run(const circuit::Circuit& bound,
                std::span<const circuit::Observable> observables) const override {
        return run_density_matrix(bound, observables, noise_, options_);
    }
    bool is_noisy() const override { return !noise_.is_ideal(); }
    double bytes_for(std::uint32_t qubits) const override {
        return density_bytes(qubits, options_.precision);
    }
    std::uint32_t max_qubits() const override {
        const auto available = static_cast<double>(available_memory());
        std::uint32_t qubits = 0;
        while (bytes_for(qubits + 1) <= available) ++qubits;
        return qubits;
    }

  private:
    NoiseModel noise_;
    DensityMatrixOptions options_;
};

}  // namespace

std::shared_ptr<const Simulator> make_noisy_simulator(NoiseModel noise, DensityMatrixOptions options) {
    return std::make_shared<NoisySimulator>(std::move(noise), options);
}

}  // namespace qdcnn::sim
