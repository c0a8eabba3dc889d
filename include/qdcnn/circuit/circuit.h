#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "qdcnn/circuit/angle.h"
#include "qdcnn/circuit/formula.h"
#include "qdcnn/circuit/gates.h"

namespace qdcnn::circuit {

using Qubit = std::uint32_t;
using Clbit = std::uint32_t;

/// The qubits of one gate: at most three, kept inline.
class QubitList {
  public:
    QubitList() = default;
    QubitList(std::initializer_list<Qubit> qubits) : QubitList(std::span(qubits.begin(), qubits.size())) {}
    explicit QubitList(std::span<const Qubit> qubits);

    std::size_t size() const { return size_; }
    Qubit operator[](std::size_t i) const { return qubits_[i]; }
    Qubit& operator[](std::size_t i) { return qubits_[i]; }
    Qubit* begin() { return qubits_.data(); }
    Qubit* end() { return qubits_.data() + size_; }
    const Qubit* begin() const { return qubits_.data(); }
    const Qubit* end() const { return qubits_.data() + size_; }
    /// Throws Error(invalid_input) when there are three already.
    void push_back(Qubit qubit);
    bool contains(Qubit qubit) const;
    bool operator==(const QubitList& other) const;
    operator std::span<const Qubit>() const { return {begin(), end()}; }

  private:
    std::array<Qubit, 3> qubits_{};
    std::uint32_t size_ = 0;
};

/// A gate of the table on qubits (control before target), with angles in radians.
struct Gate {
    GateId id;
    QubitList qubits;
    std::vector<Angle> angles;
};

/// Z-basis measurement into a classical bit.
struct Measure {
    Qubit qubit;
    Clbit clbit;
};

struct Reset {
    Qubit qubit;
};

enum class TimeUnit : std::uint8_t { seconds, dt };

/// What a program says at a place to those who read it, and no result depends on.
struct Note {
    enum class Kind : std::uint8_t {
        /// The edges of a box: on the same qubits in the same list of operations, one within the other.
        box_begins,
        box_ends,
        /// `text`, a pragma or an annotation; the barrier has no qubits.
        remark
    };
    Kind kind;
    /// Of a box that has one, at both edges.
    std::optional<double> duration = {};
    TimeUnit unit = TimeUnit::seconds;
    /// Nobody may change the gates of the box (Braket's pragma verbatim). At both edges.
    bool is_verbatim = false;
    /// Of a verbatim box: the first gate that was not taken in as it stood, if there is one. Of a remark:
    /// one line, such as "#pragma name .." or "@name ..". An annotation belongs to the next operation.
    std::string text = {};
};

/// Operations on the qubits stay on their side. Passes keep barriers in their order.
struct Barrier {
    std::vector<Qubit> qubits;
    /// Mostly null.
    std::shared_ptr<const Note> note = {};
};

struct Delay {
    Qubit qubit;
    double duration;
    TimeUnit unit = TimeUnit::seconds;
};

/// Amplitude encoding: takes the qubits from |0..0> to sum_k amplitudes[k] |k> (bit i of k is qubits[i]),
/// divided by the norm. Amplitudes are real and may be parameters, so one template serves every input vector.
/// The qubits must be fresh or reset. `state_preparation` lowers it to gates once the amplitudes are numbers.
struct Prepare {
    std::vector<Qubit> qubits;
    /// 2^qubits.size() entries.
    std::vector<Angle> amplitudes;
};

/// On up to 64 classical bits, the first one least significant. Without a formula: holds when they spell
/// `value`. With one: when it is not 0, its inputs being the bits.
struct Condition {
    std::vector<Clbit> bits;
    std::uint64_t value = 1;
    Formula formula = {};
};

/// The word that the bits spell, the first one least significant. is_set(bit): its value.
template <class IsSet>
std::uint64_t word_of(std::span<const Clbit> bits, IsSet is_set) {
    std::uint64_t word = 0;
    for (std::size_t i = 0; i < bits.size(); ++i) word |= std::uint64_t{is_set(bits[i]) ? 1u : 0u} << i;
    return word;
}

/// Whether the condition holds when its bits spell `word`.
bool holds(const Condition& condition, std::uint64_t word);

struct Operation;

struct IfElse {
    Condition condition;
    std::vector<Operation> then_body;
    std::vector<Operation> else_body;
};

/// The body again and again, as long as the condition holds before each turn.
struct While {
    Condition condition;
    std::vector<Operation> body;
};

/// A classical assignment: the targets, first one least significant, get the formula's value, whose inputs
/// are the bits before. As many targets as the formula is wide.
struct Store {
    std::vector<Clbit> targets;
    std::vector<Clbit> bits;
    Formula formula;
};

/// One step of a circuit. A std::visit over it names every kind, so that a new kind fails to compile where it
/// is forgotten (see `overloaded`).
struct Operation : std::variant<Gate, Measure, Reset, Barrier, Delay, Prepare, IfElse, While, Store> {
    using variant::variant;
    const variant& kind() const { return *this; }
    variant& kind() { return *this; }
};

/// std::visit(overloaded{[](const Gate&) {..}, ..}, operation.kind())
template <class... Visitors>
struct overloaded : Visitors... {
    using Visitors::operator()...;
};
template <class... Visitors>
overloaded(Visitors...) -> overloaded<Visitors...>;

/// A named run of qubits or classical bits.
struct Register {
    std::string name;
    std::uint32_t offset = 0;
    std::uint32_t size = 0;
    /// Classical bits that hold a variable of the program: no part of its results.
    bool is_variable = false;
    /// Of its declaration, each a line "@name ..".
    std::vector<std::string> annotations = {};
    bool operator==(const Register&) const = default;
};

/// A quantum circuit with several registers, mid-circuit measurement, feed-forward and symbolic angles.
/// Building methods check their arguments and throw Error(invalid_input): a qubit or bit out of range, a
/// qubit twice in one gate, a wrong number of qubits or angles.
///
///     Circuit bell;
///     bell.add_qubits("q", 2);
///     bell.add_clbits("meas", 2);
///     bell.h(0).cx(0, 1).measure(0, 0).measure(1, 1);
class Circuit {
  public:
    Circuit() = default;
    /// One register "q" of qubits and, when clbits > 0, one register "c" of bits.
    explicit Circuit(std::uint32_t qubits, std::uint32_t clbits = 0);

    /// Adds a register; returns its first index. Names are unique over both kinds. At most 2^32 - 1 of
    /// either.
    Qubit add_qubits(const std::string& name, std::uint32_t size);
    Clbit add_clbits(const std::string& name, std::uint32_t size, bool is_variable = false);
    /// Adds lines to the register's annotations. Nothing when there is none of that name.
    void annotate_register(const std::string& name, std::span<const std::string> lines);
    /// The parameter of that name, declared at the first call.
    Angle parameter(const std::string& name);

    Circuit& gate(GateId id, QubitList qubits, std::vector<Angle> angles = {});
    Circuit& h(Qubit q) { return gate(GateId::h, {q}); }
    Circuit& x(Qubit q) { return gate(GateId::x, {q}); }
    Circuit& z(Qubit q) { return gate(GateId::z, {q}); }
    Circuit& sx(Qubit q) { return gate(GateId::sx, {q}); }
    Circuit& rx(Angle theta, Qubit q) { return gate(GateId::rx, {q}, {std::move(theta)}); }
    Circuit& ry(Angle theta, Qubit q) { return gate(GateId::ry, {q}, {std::move(theta)}); }
    Circuit& rz(Angle theta, Qubit q) { return gate(GateId::rz, {q}, {std::move(theta)}); }
    Circuit& cx(Qubit control, Qubit target) { return gate(GateId::cx, {control, target}); }
    Circuit& cz(Qubit a, Qubit b) { return gate(GateId::cz, {a, b}); }
    Circuit& measure(Qubit qubit, Clbit clbit);
    /// Adds a register "meas" of one bit a qubit and measures all into it, as Qiskit's measure_all.
    Circuit& measure_all();
    Circuit& reset(Qubit qubit);
    /// Without qubits: over all.
    Circuit& barrier(std::vector<Qubit> qubits = {});
    Circuit& delay(double duration, Qubit qubit, TimeUnit unit = TimeUnit::seconds);
    Circuit& prepare(std::vector<Qubit> qubits, std::vector<Angle> amplitudes);
    /// Bodies are built by functions on a circuit with the same registers:
    /// c.if_else({{bit}, 1}, [](Circuit& body) { body.x(1); });
    Circuit& if_else(Condition condition, const std::function<void(Circuit&)>& then_body,
                     const std::function<void(Circuit&)>& else_body = {});
    /// Its body is built likewise.
    Circuit& while_loop(Condition condition, const std::function<void(Circuit&)>& body);
    Circuit& store(std::vector<Clbit> targets, std::vector<Clbit> bits, Formula formula);
    /// Any operation, checked like the others.
    Circuit& add(Operation operation);
    /// All operations of `other`, its qubit i on qubits[i], its bit j on clbits[j]; parameters of equal name
    /// are one. A circuit may be appended to itself.
    Circuit& append(const Circuit& other, std::span<const Qubit> qubits, std::span<const Clbit> clbits = {});

    std::uint32_t num_qubits() const { return num_qubits_; }
    std::uint32_t num_clbits() const { return num_clbits_; }
    const std::vector<Register>& qubit_registers() const { return qubit_registers_; }
    const std::vector<Register>& clbit_registers() const { return clbit_registers_; }
    /// The classical registers without variables: what a result has.
    std::vector<Register> result_registers() const;
    /// `name`, with as many "_" behind it as it takes for no register of qubits or bits to have it.
    std::string free_register_name(std::string name) const;
    /// Names; the index is the ParameterIndex and the column of a PUB's parameter matrix.
    const std::vector<std::string>& parameters() const { return parameters_; }
    const std::vector<Operation>& operations() const { return operations_; }
    /// For passes that rewrite in place. They keep what `add` checks.
    std::vector<Operation>& mutable_operations() { return operations_; }
    const Angle& global_phase() const { return global_phase_; }
    void set_global_phase(Angle phase) { global_phase_ = std::move(phase); }
    /// Whether qubit i is qubit i of a device (OpenQASM's $i), so that a transpiler leaves it there.
    bool is_on_physical_qubits() const { return is_on_physical_qubits_; }
    void set_on_physical_qubits(bool is_physical) { is_on_physical_qubits_ = is_physical; }

    /// Registers and parameters of this circuit, no operations.
    Circuit empty_copy() const;
    /// Every parameter replaced by its number; the result has none. Throws Error(invalid_input) when the
    /// number of values is wrong or one is not finite.
    Circuit bind(std::span<const double> values) const;
    /// The first values.size() parameters replaced by numbers; the rest keep their names and move to the
    /// front. Throws likewise, when there are more values than parameters.
    Circuit bind_first(std::span<const double> values) const;
    /// Gates in reverse order, each inverted; remarks are left out. Throws Error(unsupported) when there is
    /// anything but gates and barriers.
    Circuit inverse() const;
    /// Whether a measurement, reset, preparation, branch, loop or assignment is inside (a plain unitary has
    /// none).
    bool is_unitary() const;
    /// Whether it has a box whose gates nobody may change.
    bool has_verbatim_box() const;
    /// Whether anything depends on a measured bit, or a qubit is used after it was measured or is reset.
    bool is_dynamic() const;

    /// Throws Error(invalid_input) as the building methods do.
    void check(const Operation& operation) const;

  private:
    void check_name(const std::string& name) const;
    void build_body(const std::function<void(Circuit&)>& function, std::vector<Operation>& body);

    std::uint32_t num_qubits_ = 0;
    std::uint32_t num_clbits_ = 0;
    std::vector<Register> qubit_registers_;
    std::vector<Register> clbit_registers_;
    std::vector<std::string> parameters_;
    std::vector<Operation> operations_;
    Angle global_phase_;
    bool is_on_physical_qubits_ = false;
};

/// The bodies of a branch or loop; nothing for the other kinds.
std::vector<const std::vector<Operation>*> bodies_of(const Operation& operation);
std::vector<std::vector<Operation>*> bodies_of(Operation& operation);

/// What a branch or loop depends on; null for the other kinds.
const Condition* condition_of(const Operation& operation);

/// Classical bits that the operation itself reads or writes, its bodies not looked into.
std::span<const Clbit> bits_read(const Operation& operation);
std::span<const Clbit> bits_written(const Operation& operation);

/// The branch as nested branches on single bits without formulas, its bodies copied to every place where
/// they may run. Nothing when that takes more than `most` copies.
std::optional<IfElse> with_plain_conditions(const IfElse& branch, std::size_t most = 64);

/// Calls visit(operation) for every operation in order, also those inside branches and loops, the branch
/// before its bodies.
void for_each_operation(std::span<const Operation> operations,
                        const std::function<void(const Operation&)>& visit);

/// The gate's qubits, or those a measurement, reset, ... touches; for a branch or loop all that its bodies
/// touch, sorted.
std::vector<Qubit> qubits_of(const Operation& operation);

/// For every operation outside branches: it is a measurement, and nothing later acts on its qubit or uses its
/// bit.
std::vector<bool> final_measurements(const Circuit& circuit);

/// `step` of a gate's definition or inverse on the gate's actual qubits and angles.
Gate instantiate(const DefinitionStep& step, std::span<const Qubit> qubits, std::span<const Angle> angles);

/// What a report says of a circuit. Counts include gates inside every branch; barrier, delay, measure and
/// reset are no gates; depth counts all operations but barriers, two_qubit_depth only gates on two or more
/// qubits. A branch takes its longer arm, a loop one
/// turn, and both wait for the measurements of their bits.
struct CircuitMetrics {
    std::size_t two_qubit_gates = 0;
    std::size_t one_qubit_gates = 0;
    std::size_t depth = 0;
    std::size_t two_qubit_depth = 0;
};
CircuitMetrics metrics(const Circuit& circuit);

}  // namespace qdcnn::circuit
