#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include "ast.h"
#include "fragment.h"
#include "qdcnn/circuit/circuit.h"
#include "value.h"

namespace qdcnn::qasm {

/// Qubits or classical bits that a reference stands for. Without `is_register` a single one, which a
/// broadcast repeats.
struct Wires {
    bool is_quantum = true;
    bool is_register = false;
    std::vector<std::uint32_t> listed;
};

/// A register as declared, not written out.
struct RegisterSymbol {
    bool is_quantum;
    std::uint32_t first;
    std::uint32_t size;
    bool is_register;
};

struct GateSymbol {
    /// The gate of the table that it is, if any.
    const circuit::GateRow* row = nullptr;
    /// Null for gates known by name only.
    std::shared_ptr<const GateDefinition> definition;
    /// Of built-in include files: a program may define the name again.
    bool is_replaceable = false;
    /// How many operations and calls one use of the definition takes.
    std::uint64_t cost = 1;
};

/// A declaration that failed: its uses are not reported again.
struct BrokenSymbol {};

/// Wires: an alias.
using Symbol = std::variant<RegisterSymbol, Wires, Value, GateSymbol, BrokenSymbol>;

/// A condition on classical bits.
struct BitTest;

/// Turns statements into a circuit, one at a time: checks types and names, inlines, unrolls and evaluates.
class Lowering {
  public:
    Lowering(Sources& sources, Report& report, const ReadOptions& options);

    /// Reads a text of the sources to its end.
    void read(std::uint32_t source, bool version_2);
    /// The circuit, once all texts are read.
    circuit::Circuit finish();

  private:
    struct Frame {
        std::unordered_map<std::string_view, Symbol> symbols;
        /// A gate's body sees its own names and the global ones only.
        bool hides_outer = false;
    };
    /// Where operations go.
    struct Output {
        std::vector<circuit::Operation>* operations;
        circuit::Angle* phase;
        /// A gate's body or a modified call: phases count, and only gates and barriers may stand here.
        bool is_unitary = false;
        /// Below `ctrl` or a fractional `pow`: a definition is taken as written, not as the gate of the table
        /// that it equals up to phase.
        bool is_exact = false;
        /// Within a branch or loop, where declarations have no place.
        bool is_inner = false;
    };
    struct GateTarget {
        NameAt name;
        const circuit::GateRow* row = nullptr;
        const GateSymbol* symbol = nullptr;
        std::size_t qubits = 0;
        std::size_t parameters = 0;
        bool is_gphase = false;
    };
    class OutputScope;
    class FrameScope;

    // lowering.cpp
    void lower(Statement& statement);
    bool lower_block(const Block& block);
    void lower_kind(const Statement& statement);
    void charge(std::uint64_t count, Place place);
    void require_not_in_gate(std::string_view what, Place place) const;
    void measure(const MeasureStatement& statement, Place place);
    void measure(const Reference& source, const Wires& target, Place target_place);
    void reset(const ResetStatement& statement);
    void barrier(const BarrierStatement& statement, Place place);
    void delay(const DelayStatement& statement, Place place);

    // lowering_names.cpp
    const Symbol* find(std::string_view name) const;
    const Symbol* find_global_for_gate(std::string_view name) const;
    const Symbol& lookup(const NameAt& name, std::string_view expected) const;
    std::vector<std::string> known_names() const;
    void declare(const NameAt& name, Symbol symbol);
    void mark_broken(const Statement& statement);
    /// The qubit, when the reference is plainly one.
    std::optional<circuit::Qubit> single_qubit(const Reference& reference);
    Wires qubits_of(const Reference& reference);
    Wires bits_of(const Reference& reference);
    Wires wires_of(const Reference& reference, bool is_quantum);
    std::size_t index_of(const Expression& index, std::size_t size, const Reference& reference);
    std::vector<std::size_t> indices_of(const IndexItem& item, std::size_t size, const Reference& reference);
    std::vector<std::int64_t> values_of(const Range& range, std::optional<std::size_t> size, Place place);
    circuit::Qubit physical_qubit(const NameAt& name);
    Value evaluate(const Expression& expression);
    Value converted(const Expression& operand, const TypeName& type, Place place);
    Value value_of(const Reference& reference, Place place);

    // lowering_declarations.cpp
    void declare_kind(const QubitDeclaration& declaration, Place place);
    void declare_kind(const BitDeclaration& declaration, Place place);
    void declare_kind(const ConstDeclaration& declaration);
    void declare_kind(const InputDeclaration& declaration);
    void declare_kind(const Alias& alias);
    void include(const Include& include, Place place);
    void define_gate(GateDefinition&& definition);
    std::uint32_t register_size(const ExpressionPtr& size, std::uint32_t used, std::uint32_t limit,
                                std::string_view what, Place place);
    std::uint64_t check_gate_body(const std::shared_ptr<const GateDefinition>& definition);
    const circuit::GateRow* row_of_same_meaning(const GateSymbol& symbol);

    // lowering_gates.cpp
    void call(const GateCall& call, Place place);
    GateTarget resolve(const GateCall& call) const;
    void apply(const GateTarget& target, std::span<const Value> arguments,
               std::span<const circuit::Qubit> qubits);
    void apply_definition(const GateSymbol& symbol, std::span<const Value> arguments,
                          std::span<const circuit::Qubit> qubits, Place place);
    bool has_fractional_power(const GateCall& call);
    void apply_modified(const GateCall& call, const GateTarget& target, std::span<const Value> arguments,
                        std::span<const circuit::Qubit> qubits);
    Fragment modified(Fragment fragment, const Modifier& modifier, std::span<const circuit::Qubit> controls);
    std::vector<std::size_t> control_counts(const GateCall& call);
    circuit::Angle convention_phase(std::string_view name, std::span<const circuit::Angle> angles) const;
    void check_distinct(std::span<const circuit::Qubit> qubits, const GateCall& call) const;
    std::string qubit_name(circuit::Qubit qubit) const;

    // lowering_control.cpp
    void branch(const IfStatement& statement, Place place);
    void loop(const ForStatement& statement, Place place);
    std::vector<circuit::Operation> lower_branch(const Block& block);
    std::variant<bool, std::unique_ptr<BitTest>> test(const Expression& expression);
    std::variant<bool, std::unique_ptr<BitTest>> compare(const Expression& bits, const Expression& other,
                                                         bool equal);
    std::variant<bool, std::unique_ptr<BitTest>> test_equal(const Wires& bits, const Expression& other);
    std::optional<Wires> bits_in(const Expression& expression);

    Sources& sources_;
    Report& report_;
    const ReadOptions& options_;
    circuit::Circuit circuit_;
    std::vector<Frame> frames_;
    Output output_;
    bool version_2_ = false;
    bool has_stdgates_ = false;
    bool checking_body_ = false;
    bool has_open_barrier_ = false;
    int physical_qubits_ = 0;
    std::uint32_t names_ = 0;
    /// Operations that may still be made.
    std::uint64_t budget_;
    /// Bodies inside each other that are being inlined.
    int gate_depth_ = 0;
    /// Counts the calls of a body that is checked.
    std::uint64_t body_cost_ = 0;
    /// The gate whose body is checked.
    std::string_view defined_gate_;
    circuit::Angle global_phase_;
    /// Indices of the texts being read, outermost first.
    std::vector<std::uint32_t> open_texts_;
};

/// Sends operations elsewhere for a while.
class Lowering::OutputScope {
  public:
    OutputScope(Lowering& lowering, Output output) : lowering_(lowering), saved_(lowering.output_) {
        lowering_.output_ = output;
    }
    ~OutputScope() { lowering_.output_ = saved_; }
    OutputScope(const OutputScope&) = delete;
    OutputScope& operator=(const OutputScope&) = delete;

  private:
    Lowering& lowering_;
    Output saved_;
};

/// Adds a scope of names for a while.
class Lowering::FrameScope {
  public:
    FrameScope(Lowering& lowering, Frame frame) : lowering_(lowering) {
        lowering_.frames_.push_back(std::move(frame));
    }
    ~FrameScope() { lowering_.frames_.pop_back(); }
    FrameScope(const FrameScope&) = delete;
    FrameScope& operator=(const FrameScope&) = delete;

  private:
    Lowering& lowering_;
};

/// Sets a variable for a while.
template <class T>
class Temporarily {
  public:
    Temporarily(T& variable, T value) : variable_(variable), saved_(variable) {
        variable_ = std::move(value);
    }
    ~Temporarily() { variable_ = std::move(saved_); }
    Temporarily(const Temporarily&) = delete;
    Temporarily& operator=(const Temporarily&) = delete;

  private:
    T& variable_;
    T saved_;
};

}  // namespace qdcnn::qasm
