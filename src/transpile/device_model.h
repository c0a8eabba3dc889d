#pragma once

#include <cstdint>
#include <vector>

#include "qdcnn/target/target.h"

namespace qdcnn::transpile {

using circuit::Qubit;

/// A target laid out for search: neighbours, distances and what each gate costs, cost = -ln(1 - error), so
/// that costs add. Unknown errors cost nothing.
class DeviceModel {
  public:
    explicit DeviceModel(const target::Target& target);

    static constexpr std::uint16_t kFar = 0xffff;

    std::uint32_t num_qubits() const { return num_qubits_; }
    bool is_all_to_all() const { return is_all_to_all_; }
    /// Whether any error figure is known.
    bool has_errors() const { return has_errors_; }
    bool is_working(Qubit qubit) const { return working_[qubit]; }
    /// Empty lists for an all-to-all device.
    const std::vector<Qubit>& neighbours(Qubit qubit) const { return neighbours_[qubit]; }
    bool is_neighbour(Qubit a, Qubit b) const { return distance(a, b) == 1; }
    /// Number of couplings on the shortest way; kFar when there is none.
    std::uint16_t distance(Qubit a, Qubit b) const {
        return is_all_to_all_ ? static_cast<std::uint16_t>(a != b)
                              : distance_[std::size_t{a} * num_qubits_ + b];
    }
    /// To every qubit from one. Not for an all-to-all device.
    const std::uint16_t* distances(Qubit from) const { return &distance_[std::size_t{from} * num_qubits_]; }
    /// The cheapest entangling gate there.
    double pair_cost(Qubit a, Qubit b) const { return pair_cost_[std::size_t{a} * num_qubits_ + b]; }
    double one_qubit_cost(Qubit qubit) const { return one_qubit_cost_[qubit]; }
    double readout_cost(Qubit qubit) const { return readout_cost_[qubit]; }

    /// Entangling gates of an rzz whose angle is pi/2 (`is_quarter`) or any.
    int gates_of_interaction(bool is_quarter) const { return has_free_angle_ || is_quarter ? 1 : 2; }
    /// Entangling gates that a swap adds, alone and when joined to an rzz on its pair.
    int gates_of_swap() const { return 3; }
    int gates_of_joined_swap() const { return has_free_angle_ ? 2 : 1; }

    /// Working qubits, grouped by what is connected; the largest group first.
    const std::vector<std::vector<Qubit>>& parts() const { return parts_; }

  private:
    void measure_distances();
    void find_parts();

    std::uint32_t num_qubits_;
    bool is_all_to_all_;
    bool has_errors_ = false;
    bool has_free_angle_ = false;
    std::vector<bool> working_;
    std::vector<std::vector<Qubit>> neighbours_;
    std::vector<std::uint16_t> distance_;
    std::vector<double> pair_cost_;
    std::vector<double> one_qubit_cost_;
    std::vector<double> readout_cost_;
    std::vector<std::vector<Qubit>> parts_;
};

/// -ln(1 - error); 0 when the error is unknown, a large number when it is 1.
double cost_of_error(double error);

/// The read-out error of a qubit; NaN when unknown.
double readout_error(const target::Target& target, Qubit qubit);

}  // namespace qdcnn::transpile
