#include "qdcnn/run/sampling_backend.h"

#include <algorithm>
#include <cmath>

#include "qdcnn/backend/pauli_groups.h"
#include "run/mapped_job.h"

namespace qdcnn::run {
namespace {

using backend::EstimatorPub;
using backend::EstimatorPubResult;
using backend::EstimatorResult;
using backend::PauliGroup;
using backend::SamplerPub;
using backend::SamplerPubResult;
using backend::SamplerResult;

/// How the values of one group come from the shots of its PUB. The group's register is the last declared, its
/// bits in the order of the basis.
struct GroupReading {
    struct Parity {
        std::size_t observable;
        double coefficient;
        /// Places in the register.
        std::vector<std::uint32_t> bits;
    };
    std::vector<Parity> parities;
    std::uint32_t register_size = 0;
    /// Nothing to measure: every term is the identity, no PUB was sent.
    bool is_constant = false;
};

/// What was sent for one estimator PUB.
struct PubReading {
    std::size_t rows = 0;
    std::size_t observables = 0;
    std::vector<GroupReading> groups;
};

GroupReading reading_of(const PauliGroup& group) {
    GroupReading reading;
    reading.is_constant = group.basis.empty();
    reading.register_size = static_cast<std::uint32_t>(group.basis.size());
    for (const PauliGroup::Term& term : group.terms) {
        GroupReading::Parity parity{term.observable, term.coefficient, {}};
        for (const circuit::Qubit qubit : term.qubits)
            parity.bits.push_back(
                static_cast<std::uint32_t>(std::distance(group.basis.begin(), group.basis.find(qubit))));
        reading.parities.push_back(std::move(parity));
    }
    return reading;
}

/// Mean and variance of the mean of each observable's part in a group, over one row's records.
class GroupMoments {
  public:
    GroupMoments(const GroupReading& reading, std::size_t observables)
        : reading_(reading), one_(observables), mean_(observables, 0.0), square_(observables, 0.0) {}

    template <typename Bit>
    void add(double weight, const Bit& bit) {
        std::fill(one_.begin(), one_.end(), 0.0);
        for (const auto& parity : reading_.parities) {
            bool is_odd = false;
            for (const std::uint32_t place : parity.bits) is_odd ^= bit(place);
            one_[parity.observable] += is_odd ? -parity.coefficient : parity.coefficient;
        }
        for (std::size_t o = 0; o < one_.size(); ++o) {
            mean_[o] += weight * one_[o];
            square_[o] += weight * one_[o] * one_[o];
        }
    }

    /// Weights are numbers of shots, so that the sums are as exact as whole numbers are.
    void divide_by(double total) {
        for (double& mean : mean_) mean /= total;
        for (double& square : square_) square /= total;
    }
    double mean(std::size_t observable) const { return mean_[observable]; }
    double variance(std::size_t observable) const {
        return std::max(0.0, square_[observable] - mean_[observable] * mean_[observable]);
    }

  private:
    const GroupReading& reading_;
    std::vector<double> one_, mean_, square_;
};

/// Adds the group's part of one row to values, and variances of the mean.
void add_row(const GroupReading& reading, const SamplerPubResult* from, std::size_t row,
             std::span<double> values, std::span<double> variances) {
    GroupMoments moments(reading, values.size());
    double shots = 0;
    if (reading.is_constant) {
        moments.add(1.0, [](std::uint32_t) { return false; });
    } else if (from->data.empty()) {
        for (const auto& [key, probability] : from->probabilities.at(row))
            moments.add(probability, [&, &bits = key](std::uint32_t place) {
                return bits[reading.register_size - 1 - place] == '1';
            });
    } else {
        const backend::BitArray& bits = from->data.back().shots;
        shots = static_cast<double>(bits.shots());
        for (std::uint64_t shot = 0; shot < bits.shots(); ++shot)
            moments.add(1.0, [&](std::uint32_t place) { return bits.get(row, shot, place); });
        moments.divide_by(shots);
    }
    for (std::size_t o = 0; o < values.size(); ++o) {
        values[o] += moments.mean(o);
        if (shots > 0) variances[o] += moments.variance(o) / shots;
    }
}

EstimatorResult read(const std::vector<PubReading>& readings, SamplerResult received) {
    EstimatorResult result;
    result.metadata = std::move(received.metadata);
    std::size_t next = 0;
    for (const PubReading& reading : readings) {
        EstimatorPubResult pub{reading.rows, reading.observables, {}, {}};
        pub.values.assign(reading.rows * reading.observables, 0.0);
        pub.deviations.assign(pub.values.size(), 0.0);
        for (const GroupReading& group : reading.groups) {
            const SamplerPubResult* from = group.is_constant ? nullptr : &received.pubs.at(next++);
            for (std::size_t row = 0; row < reading.rows; ++row)
                add_row(group, from, row,
                        std::span(pub.values).subspan(row * reading.observables, reading.observables),
                        std::span(pub.deviations).subspan(row * reading.observables, reading.observables));
        }
        for (double& deviation : pub.deviations) deviation = std::sqrt(deviation);
        result.pubs.push_back(std::move(pub));
    }
    return result;
}

class SamplingBackend final : public backend::Backend {
  public:
    explicit SamplingBackend(std::unique_ptr<backend::Backend> device) : device_(std::move(device)) {}

    const std::string& name() const override { return device_->name(); }
    const target::Target* target() const override { return device_->target(); }
    backend::Limits limits() const override { return device_->limits(); }

    std::unique_ptr<backend::Job<SamplerResult>> run(std::vector<SamplerPub> pubs,
                                                     const backend::RunOptions& options) override {
        return device_->run(std::move(pubs), options);
    }

    std::unique_ptr<backend::Job<EstimatorResult>> run(std::vector<EstimatorPub> pubs,
                                                       const backend::RunOptions& options) override {
        std::vector<SamplerPub> sent;
        std::vector<PubReading> readings;
        for (const EstimatorPub& pub : pubs) {
            check(pub);
            PubReading reading{pub.parameters.rows(), pub.observables.size(), {}};
            for (const PauliGroup& group : backend::group_paulis(pub.observables)) {
                reading.groups.push_back(reading_of(group));
                if (group.basis.empty()) continue;
                sent.push_back({measured(pub.circuit, group), pub.parameters, pub.shots});
            }
            readings.push_back(std::move(reading));
        }
        if (sent.empty())
            return std::make_unique<backend::CompletedJob<EstimatorResult>>("nothing-to-measure",
                                                                            read(readings, {}));
        return std::make_unique<MappedJob<SamplerResult, EstimatorResult>>(
            device_->run(std::move(sent), options), [readings = std::move(readings)](SamplerResult result) {
                return read(readings, std::move(result));
            });
    }

  private:
    std::shared_ptr<const circuit::Circuit> measured(const std::shared_ptr<const circuit::Circuit>& circuit,
                                                     const PauliGroup& group) const {
        return std::make_shared<circuit::Circuit>(backend::measure_group(*circuit, group, target()).circuit);
    }

    std::unique_ptr<backend::Backend> device_;
};

}  // namespace

std::unique_ptr<backend::Backend> make_sampling_backend(std::unique_ptr<backend::Backend> device) {
    return std::make_unique<SamplingBackend>(std::move(device));
}

}  // namespace qdcnn::run
