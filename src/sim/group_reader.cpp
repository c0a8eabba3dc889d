#include "sim/group_reader.h"

#include <algorithm>
#include <bit>

namespace qdcnn::sim {

using namespace backend;
using circuit::Qubit;

GroupReader::GroupReader(const PauliGroup& group, const MeasuredGroup& measured, const Outcome& outcome) {
    for (const PauliGroup::Term& term : group.terms) {
        std::uint64_t mask = 0;
        for (const Qubit qubit : term.qubits) {
            const auto found =
                std::lower_bound(outcome.clbits.begin(), outcome.clbits.end(), measured.clbits.at(qubit));
            mask |= std::uint64_t{1} << (found - outcome.clbits.begin());
        }
        parities_.push_back({term.observable, term.coefficient, mask});
    }
}

void GroupReader::add_values(std::uint64_t record, std::span<double> values) const {
    for (const Parity& parity : parities_)
        values[parity.observable] +=
            std::popcount(record & parity.mask) & 1 ? -parity.coefficient : parity.coefficient;
}

}  // namespace qdcnn::sim
