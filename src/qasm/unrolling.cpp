#include <fmt/format.h>

#include "qdcnn/base/error.h"
#include "qdcnn/qasm/passes.h"

namespace qdcnn::qasm {

using namespace circuit;

namespace {

constexpr std::size_t kMaxUnrolled = 5'000'000;

std::vector<Operation> unrolled(const std::vector<Operation>& operations, std::uint32_t turns,
                                std::size_t& made);

Operation unrolled(const Operation& operation, std::uint32_t turns, std::size_t& made) {
    const auto* loop = std::get_if<While>(&operation.kind());
    if (loop == nullptr) {
        Operation copy = operation;
        for (std::vector<Operation>* body : bodies_of(copy)) *body = unrolled(*body, turns, made);
        if (++made > kMaxUnrolled)
            throw Error(ErrorKind::invalid_input,
                        fmt::format("the unrolled circuit has more than {} operations", kMaxUnrolled),
                        "Take fewer turns.");
        return copy;
    }
    IfElse nest{loop->condition, unrolled(loop->body, turns, made), {}};
    for (std::uint32_t turn = 1; turn < turns; ++turn) {
        IfElse outer{loop->condition, unrolled(loop->body, turns, made), {}};
        outer.then_body.emplace_back(std::move(nest));
        nest = std::move(outer);
    }
    return nest;
}

std::vector<Operation> unrolled(const std::vector<Operation>& operations, std::uint32_t turns,
                                std::size_t& made) {
    std::vector<Operation> result;
    for (const Operation& operation : operations) result.push_back(unrolled(operation, turns, made));
    return result;
}

}  // namespace

Circuit with_loops_unrolled(const Circuit& circuit, std::uint32_t turns) {
    if (turns == 0 || turns > kMostUnrolledTurns)
        throw Error(
            ErrorKind::invalid_input,
            fmt::format("loops cannot be unrolled to {} turns; 1 to {} can be", turns, kMostUnrolledTurns));
    std::size_t made = 0;
    Circuit result = circuit.empty_copy();
    result.set_global_phase(circuit.global_phase());
    result.mutable_operations() = unrolled(circuit.operations(), turns, made);
    return result;
}

}  // namespace qdcnn::qasm
