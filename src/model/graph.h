#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "qdcnn/model/model.h"

namespace qdcnn::model {

/// A circuit template that a network uses, in one place: all its rows belong to one round.
struct NetworkCircuit {
    /// The stage's name.
    std::string name;
    /// Its parameters: `amplitudes` numbers that are no angles (of a preparation), other data up to `data`,
    /// then `weights` trained angles.
    std::shared_ptr<const circuit::Circuit> circuit;
    std::vector<circuit::Observable> observables;
    std::size_t amplitudes = 0;
    std::size_t data = 0;
    std::size_t weights = 0;
    /// From 0.
    std::size_t round = 0;
    /// The same without measurements on the way; null where `circuit` has none.
    std::shared_ptr<const circuit::Circuit> static_circuit = nullptr;
    std::vector<circuit::Observable> static_observables = {};
};

/// How the logits of some sentences come of the parameters: scalars, and circuits whose rows are made of
/// scalars and whose expectation values are scalars again. Built first, without numbers; then evaluated and
/// differentiated round by round, so that all sentences' rows of a circuit are one call. Gradients are exact:
/// reverse accumulation through the scalars, the backend's own through the circuits.
class Graph {
  public:
    using Node = std::uint32_t;

    /// circuits: outlive the graph.
    explicit Graph(std::span<const NetworkCircuit> circuits) : circuits_(circuits), uses_(circuits.size()) {}
    /// Forgets all nodes.
    void clear();
    /// What is built from here on belongs to the next sentence.
    void start_sentence() { ++sentence_; }

    Node constant(double value);
    Node parameter(std::size_t index);
    Node add(Node a, Node b);
    Node subtract(Node a, Node b);
    Node multiply(Node a, Node b);
    Node divide(Node a, Node b);
    /// a * factor, a + shift.
    Node scale(Node a, double factor);
    Node shift(Node a, double amount);
    Node tanh(Node a);
    Node relu(Node a);
    Node exp(Node a);
    Node cos(Node a);
    Node sqrt(Node a);
    /// None: 0.
    Node sum(std::span<const Node> nodes);
    Node mean(std::span<const Node> nodes);
    Node dot(std::span<const Node> left, std::span<const Node> right);
    std::vector<Node> softmax(std::span<const Node> nodes);
    /// weights (outputs x inputs, row by row) and bias (outputs): where they start among the parameters.
    std::vector<Node> linear(std::span<const Node> inputs, std::size_t outputs, std::size_t weights,
                             std::size_t bias);

    /// A row of the circuit: `data` nodes, and the weights that start at `weights` among the parameters.
    /// Returns the expectation values. The origin's sentence is filled in.
    std::vector<Node> run(std::size_t circuit, std::span<const Node> data, std::size_t weights,
                          RowOrigin origin = {});

    double value(Node node) const { return values_[node]; }

    /// Scalars that need the values of rounds before `round` only.
    void evaluate(std::size_t round, std::span<const double> parameters);
    std::size_t rows(std::size_t circuit) const { return uses_[circuit].origins.size(); }
    const std::vector<RowOrigin>& origins(std::size_t circuit) const { return uses_[circuit].origins; }
    /// After evaluate(round of the circuit).
    backend::ParameterMatrix matrix(std::size_t circuit, std::span<const double> parameters) const;
    /// values: rows x observables.
    void accept(std::size_t circuit, std::span<const double> values);

    /// All rounds on compiled circuits, one each.
    void forward(std::span<const double> parameters,
                 std::span<const std::unique_ptr<backend::Differentiable>> compiled);
    /// After forward. by_outputs: derivatives by `outputs`. Adds those by the parameters to `gradient`.
    void backward(std::span<const Node> outputs, std::span<const double> by_outputs,
                  std::span<const std::unique_ptr<backend::Differentiable>> compiled,
                  std::span<double> gradient);

  private:
    enum class Kind : std::uint8_t {
        constant,
        parameter,
        circuit,
        add,
        subtract,
        multiply,
        divide,
        scale,
        shift,
        tanh,
        relu,
        exp,
        cos,
        sqrt,
        products
    };
    /// a: the operand; the index of a parameter; of products the first of `b` pairs in factors_. b: a second
    /// operand. number: of scale and shift.
    struct Step {
        Kind kind;
        Node a = 0, b = 0;
        double number = 0.0;
    };
    /// right: kOne stands for 1.
    struct Factors {
        Node left, right;
    };
    static constexpr Node kOne = ~Node{0};
    /// The rows of one circuit.
    struct Use {
        /// rows x data, rows, rows x observables (the first of a row; they follow each other).
        std::vector<Node> data;
        std::vector<std::size_t> weights;
        std::vector<Node> outputs;
        std::vector<RowOrigin> origins;
    };

    Node push(Step step, std::size_t level);
    /// The sum of the products of factors_ from `first` on, added up in order: one node, however many they
    /// are.
    Node push_products(std::size_t first);
    double compute(const Step& step, std::span<const double> parameters) const;
    void scalars_backward(std::size_t level, std::span<double> gradient);
    void circuit_backward(std::size_t circuit, backend::Differentiable& compiled, std::span<double> gradient);

    std::span<const NetworkCircuit> circuits_;
    int sentence_ = -1;
    std::vector<Use> uses_;
    std::vector<Step> steps_;
    std::vector<Factors> factors_;
    /// Of each parameter that is used: its node, plus 1.
    std::vector<Node> parameter_nodes_;
    std::vector<double> values_, by_;
    /// How many rounds have to be over before a node has its value; the nodes of each level in order.
    std::vector<std::uint32_t> levels_;
    std::vector<std::vector<Node>> order_;
};

}  // namespace qdcnn::model
