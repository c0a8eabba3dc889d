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
    double bytes_for(std::uint32_t qubits) const override {
        return std::ldexp(sizeof(double), 2 * static_cast<int>(qubits));
    }
    std::uint32_t max_qubits() const override {
        const auto available = static_cast<double>(available_memory());
        std::uint32_t qubits = 0;
        while (bytes_for(qubits + 1) <= available) ++qubits;
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
