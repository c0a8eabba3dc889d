#include <cmath>

#include "qdcnn/base/memory.h"
#include "qdcnn/sim/density_matrix.h"

namespace qdcnn::sim {
namespace {

class NoisySimulator final : public Simulator {
  public:
    explicit NoisySimulator(NoiseModel noise) : noise_(std::move(noise)) {}

    Outcome run(const circuit::Circuit& bound,
                std::span<const circuit::Observable> observables) const override {
        return run_density_matrix(bound, observables, noise_);
    }
    bool is_noisy() const override { return !noise_.is_ideal(); }
    std::uint32_t max_qubits() const override {
        std::uint32_t qubits = 0;
        while (std::ldexp(8.0, 2 * static_cast<int>(qubits + 1)) <= static_cast<double>(available_memory()))
            ++qubits;
        return qubits;
    }

  private:
    NoiseModel noise_;
};

}  // namespace

std::shared_ptr<const Simulator> make_noisy_simulator(NoiseModel noise) {
    return std::make_shared<NoisySimulator>(std::move(noise));
}

}  // namespace qdcnn::sim
