#include <algorithm>

#include "qdcnn/circuit/circuit.h"

// What operations say about classical bits.
namespace qdcnn::circuit {

bool holds(const Condition& condition, std::uint64_t word) {
    return condition.formula.empty() ? word == condition.value : condition.formula.evaluate(word) != 0;
}

std::vector<const std::vector<Operation>*> bodies_of(const Operation& operation) {
    if (const auto* branch = std::get_if<IfElse>(&operation.kind()))
        return {&branch->then_body, &branch->else_body};
    if (const auto* loop = std::get_if<While>(&operation.kind())) return {&loop->body};
    return {};
}

std::vector<std::vector<Operation>*> bodies_of(Operation& operation) {
    if (auto* branch = std::get_if<IfElse>(&operation.kind()))
        return {&branch->then_body, &branch->else_body};
    if (auto* loop = std::get_if<While>(&operation.kind())) return {&loop->body};
    return {};
}

const Condition* condition_of(const Operation& operation) {
    if (const auto* branch = std::get_if<IfElse>(&operation.kind())) return &branch->condition;
    if (const auto* loop = std::get_if<While>(&operation.kind())) return &loop->condition;
    return nullptr;
}

std::span<const Clbit> bits_read(const Operation& operation) {
    if (const auto* store = std::get_if<Store>(&operation.kind())) return store->bits;
    if (const Condition* condition = condition_of(operation)) return condition->bits;
    return {};
}

std::span<const Clbit> bits_written(const Operation& operation) {
    if (const auto* store = std::get_if<Store>(&operation.kind())) return store->targets;
    if (const auto* measure = std::get_if<Measure>(&operation.kind())) return {&measure->clbit, 1};
    return {};
}

namespace {

/// Decides bit by bit; `known` bits of the word are fixed already.
class BitByBit {
  public:
    BitByBit(const IfElse& branch, std::size_t most) : branch_(branch), left_(most) {}

    bool has_room() const { return !is_full_; }

    std::vector<Operation> decide(std::size_t known, std::uint64_t word) {
        const Condition& condition = branch_.condition;
        if (const auto then = decided(known, word)) {
            const auto& body = *then ? branch_.then_body : branch_.else_body;
            if (body.empty() || is_full_) return {};
            is_full_ = left_ == 0;
            if (left_ > 0) --left_;
            return body;
        }
        const Clbit bit = condition.bits[known];
        // A bit that stands twice is decided the first time.
        const auto before = std::find(condition.bits.begin(),
                                      condition.bits.begin() + static_cast<std::ptrdiff_t>(known), bit);
        if (before != condition.bits.begin() + static_cast<std::ptrdiff_t>(known))
            return decide(known + 1, word | (word >> (before - condition.bits.begin()) & 1) << known);
        IfElse split{
            {{bit}, 1}, decide(known + 1, word | std::uint64_t{1} << known), decide(known + 1, word)};
        if (split.then_body.empty() && split.else_body.empty()) return {};
        if (split.then_body.empty()) {
            split.condition.value = 0;
            std::swap(split.then_body, split.else_body);
        }
        std::vector<Operation> one;
        one.push_back(std::move(split));
        return one;
    }

  private:
    /// Whether the condition holds, when the bits that are open make no difference.
    std::optional<bool> decided(std::size_t known, std::uint64_t word) const {
        const bool first = holds(branch_.condition, word);
        const std::uint64_t open = std::uint64_t{1} << (branch_.condition.bits.size() - known);
        for (std::uint64_t rest = 1; rest < open; ++rest)
            if (holds(branch_.condition, word | rest << known) != first) return {};
        return first;
    }

    const IfElse& branch_;
    std::size_t left_;
    bool is_full_ = false;
};

/// More would take too long to try.
constexpr std::size_t kMostTriedBits = 12;

}  // namespace

std::optional<IfElse> with_plain_conditions(const IfElse& branch, std::size_t most) {
    if (branch.condition.formula.empty()) return branch;
    if (branch.condition.bits.size() > kMostTriedBits) return {};
    BitByBit search(branch, most);
    std::vector<Operation> decided = search.decide(0, 0);
    if (!search.has_room()) return {};
    if (decided.size() == 1 && std::holds_alternative<IfElse>(decided[0].kind()))
        return std::get<IfElse>(std::move(decided[0]).kind());
    // It always holds, or never.
    return IfElse{{{branch.condition.bits[0]}, 1}, decided, decided};
}

}  // namespace qdcnn::circuit
