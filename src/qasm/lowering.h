#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <variant>
#include <vector>

#include "ast.h"
#include "fragment.h"
#include "qdcnn/circuit/circuit.h"
#include "value.h"
#include "word.h"

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

/// A classical variable. Its value is known as long as no measurement decides it; then bits hold it.
struct VariableSymbol {
    ScalarType type;
    unsigned width = 1;
    Value value;
    /// The first of `width` bits, once there are some.
    std::optional<circuit::Clbit> first = {};
    bool is_in_bits = false;
    /// Fewer bits for what is narrower than the type: an int that holds a register of 3 bits takes 3.
    std::vector<circuit::Clbit> narrow = {};
    /// Bodies around that may or may not run and assign it: within them it stays in its bits.
    int pins = 0;
};

/// An array or a row of one: elements in the order of the language, the last index running fastest.
struct ArraySymbol {
    std::vector<std::size_t> sizes;
    std::shared_ptr<std::vector<VariableSymbol>> elements;
    /// Of the first element.
    std::size_t first = 0;
    /// A parameter that the subroutine may not assign.
    bool is_readonly = false;
};

struct SubroutineSymbol {
    std::shared_ptr<const SubroutineDefinition> definition;
};

/// A gate of version 2 whose action nobody says.
struct OpaqueSymbol {};

/// A declaration that failed: its uses are not reported again.
struct BrokenSymbol {};

/// Wires: an alias.
using Symbol = std::variant<RegisterSymbol, Wires, Value, VariableSymbol, ArraySymbol, GateSymbol,
                            SubroutineSymbol, OpaqueSymbol, BrokenSymbol>;

/// Turns statements into a circuit, one at a time: checks types and names, inlines, unrolls and evaluates.
class Lowering {
  public:
    /// Gets the operations of each statement at top level. They are gone afterwards.
    using TakeOperations = std::function<void(std::span<const circuit::Operation>)>;

    Lowering(Sources& sources, Report& report, const ReadOptions& options, TakeOperations take = {});

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
    /// A loop, a turn of one, a subroutine or the program, which a statement inside may leave.
    struct Exit {
        ExitKind kind;
        /// Conditional bodies around its beginning.
        int depth;
        /// Where its flag is cleared, should it get one.
        std::vector<circuit::Operation>* operations;
        std::size_t begin;
        /// Set when it is left, where a measurement decides that.
        std::optional<circuit::Clbit> flag = {};
    };
    class OutputScope;
    class FrameScope;
    class ConditionalScope;
    class ExitScope;

    // lowering.cpp
    void lower(Statement& statement);
    /// Whether no statement failed.
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
    std::vector<std::string> known_names(std::string_view expected) const;
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
    Value constant(const Expression& operand, const TypeName& type, Place place);
    Value cast(const Value& value, const TypeName& type, Place place);
    Value bitstring(const BitstringLiteral& literal, Place place) const;
    Value value_of(const Reference& reference, Place place);

    // lowering_declarations.cpp
    void declare_kind(const QubitDeclaration& declaration, Place place);
    void declare_kind(const BitDeclaration& declaration, Place place);
    void declare_kind(const ConstDeclaration& declaration);
    void declare_kind(const InputDeclaration& declaration);
    void declare_kind(const OutputDeclaration& declaration);
    void declare_kind(const Alias& alias);
    void declare_kind(const OpaqueDeclaration& declaration);
    /// Variables of blocks have registers with numbers behind their names.
    void require_free(const NameAt& name) const;
    void include(const Include& include, Place place);
    void define_gate(GateDefinition&& definition);
    std::uint32_t register_size(const ExpressionPtr& size, std::uint32_t used, std::uint32_t limit,
                                std::string_view what, Place place);
    std::uint64_t check_gate_body(const std::shared_ptr<const GateDefinition>& definition);
    const circuit::GateRow* row_of_same_meaning(const GateSymbol& symbol);

    // lowering_gates.cpp
    void call(const GateCall& call, Place place);
    GateTarget resolve(const GateCall& call);
    /// A gate that no text needs to declare, beyond those of the table; null when there is none.
    const GateSymbol* library_gate(std::string_view name);
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

    // lowering_variables.cpp
    void declare_kind(const VariableDeclaration& declaration);
    VariableSymbol new_variable(const TypeName& type);
    Value to_type(const Value& value, const VariableSymbol& variable, Place place) const;
    Value initial_value(const Expression& expression);
    std::uint32_t width_of(const TypeName& type);
    VariableSymbol* find_variable(std::string_view name);
    void put_in_bits(VariableSymbol& variable, std::string_view name, bool keeps_value);
    Value read(const VariableSymbol& variable) const;
    void assign(VariableSymbol& variable, std::string_view name, const Value& value, Place place);
    bool assign_narrow(VariableSymbol& variable, std::string_view name, const Word& word, Place place);
    void assign(const Assignment& assignment);
    void store(std::vector<circuit::Clbit> targets, const Value& value, Place place);
    Wires target_bits(const Reference& target);
    Value selected(const Value& value, const Reference& reference, std::size_t first_index = 0);
    Word bit_of(const Word& word, std::size_t index, Place place) const;
    circuit::Clbit new_bits(std::string_view name, std::uint32_t size, Place place);

    // lowering_arrays.cpp
    void declare_kind(const ArrayDeclaration& declaration);
    void fill(const ArraySymbol& array, const ArrayValue& value, std::string_view name);
    void copy(const ArraySymbol& from, const ArraySymbol& to, std::string_view name, Place place);
    const ArraySymbol* find_array(std::string_view name);
    /// The row or element that as many of the indices as the array has dimensions select.
    ArraySymbol row_of(const ArraySymbol& array, const Reference& reference);
    VariableSymbol& single_element(const ArraySymbol& array, const Reference& reference);
    /// The array or row that the expression names, if it names one.
    std::optional<ArraySymbol> array_of(const Expression& expression);
    void assign(const ArraySymbol& array, const Assignment& assignment);
    ArraySymbol bind_array(const SubroutineDefinition::Parameter& parameter, const Expression& argument);

    // lowering_notes.cpp
    void pragma(const Pragma& pragma, Place place);
    void annotate(const Annotation& annotation);
    bool is_noted() const { return !annotations_.empty() || verbatim_; }
    /// A statement behind annotations or the pragma verbatim.
    void lower_noted(const Statement& statement);
    /// Those of a definition go with it. Throws where a verbatim box has to follow.
    void drop_notes();
    void note(circuit::Note note, std::vector<circuit::Qubit> qubits, Place place);
    void box(const BoxStatement& statement, Place place);

    // lowering_control.cpp
    void branch(const IfStatement& statement, Place place);
    void choose(const SwitchStatement& statement, Place place);
    void choose_from(const SwitchStatement& statement, std::size_t first, const Value& value, Place place);
    Test test(const Expression& expression);
    void conditional(const circuit::Condition& condition, bool is_negated, const Block& then_body,
                     const Block& else_body);
    std::vector<circuit::Operation> lower_branch(const Block& block, std::size_t first = 0);
    void lower_statements(const Block& block, std::size_t first, bool& ok);
    std::vector<circuit::Clbit> raised_since(std::size_t size) const;
    void leave(const ExitStatement& statement, Place place);

    // lowering_loops.cpp
    std::vector<Value> values_of_loop(const ForStatement& statement, Place place);
    std::vector<Value> elements_of(const Expression& whole);
    void loop(const ForStatement& statement, Place place);
    void loop(const WhileStatement& statement, Place place);
    void measured_loop(const WhileStatement& statement, Place place);

    // lowering_subroutines.cpp
    void define_subroutine(SubroutineDefinition&& definition);
    std::optional<Value> call_subroutine(const SubroutineSymbol& symbol,
                                         std::span<const Expression> arguments, Place place);
    void bind_parameter(const SubroutineDefinition::Parameter& parameter, const Expression& argument,
                        Frame& frame);
    std::optional<Value> call_function(const FunctionCall& function, Place place);
    Value size_of(const FunctionCall& function, Place place);

    Sources& sources_;
    Report& report_;
    const ReadOptions& options_;
    TakeOperations take_;
    circuit::Circuit circuit_;
    std::vector<Frame> frames_;
    Output output_;
    bool version_2_ = false;
    bool has_stdgates_ = false;
    /// Of qasm/include/braket.inc, once a gate is not known.
    std::unordered_map<std::string_view, Symbol> library_;
    bool is_library_ = false;
    bool checking_body_ = false;
    bool has_open_barrier_ = false;
    int physical_qubits_ = 0;
    std::uint32_t names_ = 0;
    /// Names of inputs declared.
    std::set<std::string, std::less<>> inputs_;
    /// Of the registers that hold variables, and the next number behind a name.
    std::unordered_set<std::string> bit_names_;
    std::unordered_map<std::string, std::uint32_t> next_number_;
    /// Operations that may still be made.
    std::uint64_t budget_;
    /// A limit of the whole program is reached.
    bool is_over_ = false;
    /// Bodies inside each other that are being inlined.
    int gate_depth_ = 0;
    /// Counts the calls of a body that is checked.
    std::uint64_t body_cost_ = 0;
    /// The gate whose body is checked.
    std::string_view defined_gate_;
    /// Open exits, the outermost first.
    std::vector<Exit> exits_;
    /// Set while the statements that follow are passed over, up to the end of that exit.
    std::optional<std::size_t> leaving_;
    /// Flags of open exits that may be set at this point, in the order in which they were raised.
    std::vector<circuit::Clbit> raised_;
    /// Bodies around that run or not as a measurement decides.
    int conditional_depth_ = 0;
    /// Turns of loops with known conditions so far.
    std::uint64_t turns_ = 0;
    /// Subroutines being inlined.
    std::vector<const SubroutineDefinition*> called_;
    circuit::Angle global_phase_;
    /// Lines that belong to the statement that comes next.
    std::vector<std::string> annotations_;
    /// The pragma that makes the box that comes next verbatim.
    std::optional<Place> verbatim_;
    bool is_in_verbatim_box_ = false;
    /// The first gate of the verbatim box that is not one of the table, or has modifiers.
    std::string_view taken_apart_;
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

/// While a body is lowered that runs or not: the variables it assigns are kept in bits.
class Lowering::ConditionalScope {
  public:
    ConditionalScope(Lowering& lowering, std::initializer_list<std::span<const Statement>> bodies);
    ~ConditionalScope();
    ConditionalScope(const ConditionalScope&) = delete;
    ConditionalScope& operator=(const ConditionalScope&) = delete;

  private:
    Lowering& lowering_;
    std::vector<VariableSymbol*> pinned_;
};

/// What a statement inside may leave. `close` ends it; without, a failure has.
class Lowering::ExitScope {
  public:
    ExitScope(Lowering& lowering, ExitKind kind);
    ~ExitScope();
    ExitScope(const ExitScope&) = delete;
    ExitScope& operator=(const ExitScope&) = delete;
    void close();

  private:
    Lowering& lowering_;
    std::size_t index_;
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
