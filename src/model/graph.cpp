#include "model/graph.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace qdcnn::model {

void Graph::clear() {
    for (Use& use : uses_) use = {};
    sentence_ = -1;
    steps_.clear();
    factors_.clear();
    parameter_nodes_.clear();
    values_.clear();
    levels_.clear();
    for (auto& level : order_) level.clear();
}

Graph::Node Graph::push(Step step, std::size_t level) {
    const auto node = static_cast<Node>(steps_.size());
    steps_.push_back(step);
    values_.push_back(step.kind == Kind::constant ? step.number : 0.0);
    levels_.push_back(static_cast<std::uint32_t>(level));
    if (order_.size() <= level) order_.resize(level + 1);
    order_[level].push_back(node);
    return node;
}

Graph::Node Graph::constant(double value) { return push({Kind::constant, 0, 0, value}, 0); }
Graph::Node Graph::parameter(std::size_t index) {
    if (parameter_nodes_.size() <= index) parameter_nodes_.resize(index + 1, 0);
    if (parameter_nodes_[index] == 0)
        parameter_nodes_[index] = push({Kind::parameter, static_cast<Node>(index)}, 0) + 1;
    return parameter_nodes_[index] - 1;
}
Graph::Node Graph::add(Node a, Node b) { return push({Kind::add, a, b}, std::max(levels_[a], levels_[b])); }
Graph::Node Graph::subtract(Node a, Node b) {
    return push({Kind::subtract, a, b}, std::max(levels_[a], levels_[b]));
}
Graph::Node Graph::multiply(Node a, Node b) {
    return push({Kind::multiply, a, b}, std::max(levels_[a], levels_[b]));
}
Graph::Node Graph::divide(Node a, Node b) {
    return push({Kind::divide, a, b}, std::max(levels_[a], levels_[b]));
}
Graph::Node Graph::scale(Node a, double factor) { return push({Kind::scale, a, 0, factor}, levels_[a]); }
Graph::Node Graph::shift(Node a, double amount) { return push({Kind::shift, a, 0, amount}, levels_[a]); }
Graph::Node Graph::tanh(Node a) { return push({Kind::tanh, a}, levels_[a]); }
Graph::Node Graph::relu(Node a) { return push({Kind::relu, a}, levels_[a]); }
Graph::Node Graph::exp(Node a) { return push({Kind::exp, a}, levels_[a]); }
Graph::Node Graph::cos(Node a) { return push({Kind::cos, a}, levels_[a]); }
Graph::Node Graph::sqrt(Node a) { return push({Kind::sqrt, a}, levels_[a]); }

Graph::Node Graph::push_products(std::size_t first) {
    std::uint32_t level = 0;
    for (std::size_t f = first; f < factors_.size(); ++f) {
        level = std::max(level, levels_[factors_[f].left]);
        if (factors_[f].right != kOne) level = std::max(level, levels_[factors_[f].right]);
    }
    return push({Kind::products, static_cast<Node>(first), static_cast<Node>(factors_.size() - first)},
                level);
}

Graph::Node Graph::sum(std::span<const Node> nodes) {
    if (nodes.empty()) return constant(0.0);
    const std::size_t first = factors_.size();
    for (const Node node : nodes) factors_.push_back({node, kOne});
    return push_products(first);
}

Graph::Node Graph::mean(std::span<const Node> nodes) {
    return scale(sum(nodes), 1.0 / static_cast<double>(nodes.size()));
}

Graph::Node Graph::dot(std::span<const Node> left, std::span<const Node> right) {
    const std::size_t first = factors_.size();
    for (std::size_t i = 0; i < left.size(); ++i) factors_.push_back({left[i], right[i]});
    return push_products(first);
}

std::vector<Graph::Node> Graph::softmax(std::span<const Node> nodes) {
    std::vector<Node> result;
    for (const Node node : nodes) result.push_back(exp(node));
    const Node total = sum(result);
    for (Node& node : result) node = divide(node, total);
    return result;
}

std::vector<Graph::Node> Graph::linear(std::span<const Node> inputs, std::size_t outputs, std::size_t weights,
                                       std::size_t bias) {
    std::vector<Node> result;
    for (std::size_t o = 0; o < outputs; ++o) {
        const std::size_t first = factors_.size();
        factors_.push_back({parameter(bias + o), kOne});
        for (std::size_t i = 0; i < inputs.size(); ++i)
            factors_.push_back({parameter(weights + o * inputs.size() + i), inputs[i]});
        result.push_back(push_products(first));
    }
    return result;
}

std::vector<Graph::Node> Graph::run(std::size_t circuit, std::span<const Node> data, std::size_t weights,
                                    RowOrigin origin) {
    const NetworkCircuit& from = circuits_[circuit];
    assert(data.size() == from.data);
    Use& use = uses_[circuit];
    for ([[maybe_unused]] const Node node : data) assert(levels_[node] <= from.round);
    use.data.insert(use.data.end(), data.begin(), data.end());
    use.weights.push_back(weights);
    origin.sentence = sentence_;
    use.origins.push_back(std::move(origin));
    std::vector<Node> outputs;
    for (std::size_t o = 0; o < from.observables.size(); ++o)
        outputs.push_back(push({Kind::circuit}, from.round + 1));
    use.outputs.push_back(outputs.front());
    return outputs;
}

double Graph::compute(const Step& step, std::span<const double> parameters) const {
    const bool has_operand = step.kind != Kind::parameter && step.kind != Kind::products;
    const double a = has_operand ? values_[step.a] : 0.0;
    switch (step.kind) {
        case Kind::constant:
            return step.number;
        case Kind::parameter:
            return parameters[step.a];
        case Kind::circuit:
            break;
        case Kind::add:
            return a + values_[step.b];
        case Kind::subtract:
            return a - values_[step.b];
        case Kind::multiply:
            return a * values_[step.b];
        case Kind::divide:
            return a / values_[step.b];
        case Kind::scale:
            return a * step.number;
        case Kind::shift:
            return a + step.number;
        case Kind::tanh:
            return std::tanh(a);
        case Kind::relu:
            return std::max(a, 0.0);
        case Kind::exp:
            return std::exp(a);
        case Kind::cos:
            return std::cos(a);
        case Kind::sqrt:
            return std::sqrt(a);
        case Kind::products: {
            double total = 0.0;
            for (const Factors& one : std::span(factors_).subspan(step.a, step.b))
                total += one.right == kOne ? values_[one.left] : values_[one.left] * values_[one.right];
            return total;
        }
    }
    return 0.0;
}

void Graph::evaluate(std::size_t round, std::span<const double> parameters) {
    if (round >= order_.size()) return;
    for (const Node node : order_[round])
        if (steps_[node].kind != Kind::circuit) values_[node] = compute(steps_[node], parameters);
}

backend::ParameterMatrix Graph::matrix(std::size_t circuit, std::span<const double> parameters) const {
    const NetworkCircuit& from = circuits_[circuit];
    const Use& use = uses_[circuit];
    backend::ParameterMatrix matrix(use.origins.size(), from.data + from.weights);
    for (std::size_t r = 0; r < matrix.rows(); ++r) {
        const auto row = matrix.row(r);
        for (std::size_t k = 0; k < from.data; ++k) row[k] = values_[use.data[r * from.data + k]];
        const auto weights = parameters.subspan(use.weights[r], from.weights);
        std::copy(weights.begin(), weights.end(), row.begin() + static_cast<std::ptrdiff_t>(from.data));
    }
    return matrix;
}

void Graph::accept(std::size_t circuit, std::span<const double> values) {
    const std::size_t observables = circuits_[circuit].observables.size();
    const Use& use = uses_[circuit];
    for (std::size_t r = 0; r < use.outputs.size(); ++r)
        for (std::size_t o = 0; o < observables; ++o)
            values_[use.outputs[r] + o] = values[r * observables + o];
}

void Graph::forward(std::span<const double> parameters,
                    std::span<const std::unique_ptr<backend::Differentiable>> compiled) {
    for (std::size_t level = 0; level < order_.size(); ++level) {
        evaluate(level, parameters);
        for (std::size_t c = 0; c < circuits_.size(); ++c) {
            if (circuits_[c].round != level || rows(c) == 0) continue;
            std::vector<double> values(rows(c) * circuits_[c].observables.size());
            compiled[c]->forward(matrix(c, parameters), values);
            accept(c, values);
        }
    }
}

void Graph::scalars_backward(std::size_t level, std::span<double> gradient) {
    for (auto node = order_[level].rbegin(); node != order_[level].rend(); ++node) {
        const Step& step = steps_[*node];
        const double by = by_[*node];
        if (by == 0.0) continue;
        switch (step.kind) {
            case Kind::constant:
            case Kind::circuit:
                break;
            case Kind::parameter:
                gradient[step.a] += by;
                break;
            case Kind::add:
                by_[step.a] += by;
                by_[step.b] += by;
                break;
            case Kind::subtract:
                by_[step.a] += by;
                by_[step.b] -= by;
                break;
            case Kind::multiply:
                by_[step.a] += by * values_[step.b];
                by_[step.b] += by * values_[step.a];
                break;
            case Kind::divide:
                by_[step.a] += by / values_[step.b];
                by_[step.b] -= by * values_[*node] / values_[step.b];
                break;
            case Kind::scale:
                by_[step.a] += by * step.number;
                break;
            case Kind::shift:
                by_[step.a] += by;
                break;
            case Kind::tanh:
                by_[step.a] += by * (1.0 - values_[*node] * values_[*node]);
                break;
            case Kind::relu:
                by_[step.a] += values_[*node] > 0.0 ? by : 0.0;
                break;
            case Kind::exp:
                by_[step.a] += by * values_[*node];
                break;
            case Kind::cos:
                by_[step.a] -= by * std::sin(values_[step.a]);
                break;
            case Kind::sqrt:
                by_[step.a] += 0.5 * by / values_[*node];
                break;
            case Kind::products:
                for (const Factors& one : std::span(factors_).subspan(step.a, step.b)) {
                    by_[one.left] += one.right == kOne ? by : by * values_[one.right];
                    if (one.right != kOne) by_[one.right] += by * values_[one.left];
                }
                break;
        }
    }
}

void Graph::circuit_backward(std::size_t circuit, backend::Differentiable& compiled,
                             std::span<double> gradient) {
    const NetworkCircuit& from = circuits_[circuit];
    const Use& use = uses_[circuit];
    const std::size_t observables = from.observables.size();
    const std::size_t width = from.data - from.amplitudes + from.weights;
    std::vector<double> by_values(rows(circuit) * observables), by_row(rows(circuit) * width);
    for (std::size_t r = 0; r < use.outputs.size(); ++r)
        for (std::size_t o = 0; o < observables; ++o)
            by_values[r * observables + o] = by_[use.outputs[r] + o];
    compiled.backward(by_values, by_row);
    for (std::size_t r = 0; r < use.outputs.size(); ++r) {
        const double* row = by_row.data() + r * width;
        for (std::size_t k = from.amplitudes; k < from.data; ++k) by_[use.data[r * from.data + k]] += *row++;
        for (std::size_t k = 0; k < from.weights; ++k) gradient[use.weights[r] + k] += *row++;
    }
}

void Graph::backward(std::span<const Node> outputs, std::span<const double> by_outputs,
                     std::span<const std::unique_ptr<backend::Differentiable>> compiled,
                     std::span<double> gradient) {
    by_.assign(steps_.size(), 0.0);
    for (std::size_t i = 0; i < outputs.size(); ++i) by_[outputs[i]] += by_outputs[i];
    for (std::size_t level = order_.size(); level-- > 0;) {
        for (std::size_t c = circuits_.size(); c-- > 0;)
            if (circuits_[c].round == level && rows(c) > 0) circuit_backward(c, *compiled[c], gradient);
        scalars_backward(level, gradient);
    }
}

}  // namespace qdcnn::model
