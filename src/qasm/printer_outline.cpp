#include <algorithm>

#include "program_printer.h"

namespace qdcnn::qasm {

using namespace circuit;

void Outline::add(std::span<const Operation> operations) {
    for_each_operation(operations, [&](const Operation& operation) {
        const auto* gate = std::get_if<Gate>(&operation.kind());
        if (gate == nullptr || is_used_[static_cast<std::size_t>(gate->id)]) return;
        is_used_[static_cast<std::size_t>(gate->id)] = true;
        gates_.push_back(gate->id);
    });
    find_unset(operations);
}

/// What a body sets is set for certain in that body only.
void Outline::find_unset(std::span<const Operation> operations) {
    for (const Operation& operation : operations) {
        for (const Clbit bit : bits_read(operation))
            if (bit >= is_set_.size() || !is_set_[bit]) read_unset_.push_back(bit);
        for (const Clbit bit : bits_written(operation)) {
            if (bit >= is_set_.size()) is_set_.resize(bit + std::size_t{1});
            if (is_set_[bit]) continue;
            is_set_[bit] = true;
            set_here_.push_back(bit);
        }
        for (const auto* body : bodies_of(operation)) {
            const std::size_t before = set_here_.size();
            find_unset(*body);
            for (std::size_t i = before; i < set_here_.size(); ++i) is_set_[set_here_[i]] = false;
            set_here_.resize(before);
        }
    }
}

std::vector<Clbit> Outline::bits_read_unset() const {
    std::vector<Clbit> found = read_unset_;
    std::sort(found.begin(), found.end());
    found.erase(std::unique(found.begin(), found.end()), found.end());
    return found;
}

}  // namespace qdcnn::qasm
