#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "qdcnn/circuit/circuit.h"
#include "source.h"

// The syntax tree of OpenQASM. Names and strings are views into the text. A std::visit over Expression or
// Statement names every kind.
namespace qdcnn::qasm {

using circuit::overloaded;

struct Expression;
/// Null where the language lets a part away.
using ExpressionPtr = std::unique_ptr<Expression>;

struct NameAt {
    Place place;
    std::string_view text;
};

enum class ScalarType : std::uint8_t { boolean, integer, unsigned_integer, real, angle, bit, duration };

struct TypeName {
    ScalarType type;
    /// Bits; null where the text names none.
    ExpressionPtr width;
    Place place = {};
};

/// first:step:last, the last included.
struct Range {
    ExpressionPtr first, step, last;
};
using Set = std::vector<Expression>;
using IndexItem = std::variant<ExpressionPtr, Range, Set>;

/// A name, perhaps indexed, of anything: q, q[0], q[1:3], q[{0, 2}], $4 (then the name begins with $).
struct Reference {
    NameAt name;
    std::vector<IndexItem> indices;
};

struct IntegerLiteral {
    std::int64_t value;
};
struct RealLiteral {
    double value;
};
struct BooleanLiteral {
    bool value;
};
struct BitstringLiteral {
    std::string_view digits;
};
struct DurationLiteral {
    double value;
    circuit::TimeUnit unit;
};

enum class UnaryOperator : std::uint8_t { negate, logical_not, bit_not };
enum class BinaryOperator : std::uint8_t {
    add,
    subtract,
    multiply,
    divide,
    modulo,
    power,
    equal,
    not_equal,
    less,
    less_equal,
    greater,
    greater_equal,
    logical_and,
    logical_or,
    bit_and,
    bit_or,
    bit_xor,
    shift_left,
    shift_right
};

struct Unary {
    UnaryOperator op;
    ExpressionPtr operand;
};
struct Binary {
    BinaryOperator op;
    ExpressionPtr left, right;
};
struct FunctionCall {
    std::string_view name;
    std::vector<Expression> arguments;
};
struct Cast {
    TypeName type;
    ExpressionPtr operand;
};
/// Stands alone on the right of an assignment, declaration or return.
struct Measurement {
    Reference source;
};

using ExpressionKind =
    std::variant<IntegerLiteral, RealLiteral, BooleanLiteral, BitstringLiteral, DurationLiteral, Reference,
                 Unary, Binary, FunctionCall, Cast, Measurement>;
struct Expression {
    Place place;
    ExpressionKind kind;
    /// Operators on the longest way down, bounded by the parser because every pass recurses.
    int height = 1;
};

struct Statement;
using Block = std::vector<Statement>;

struct Include {
    std::string_view path;
};
struct QubitDeclaration {
    NameAt name;
    ExpressionPtr size;
};
/// bit[2] c; bit[2] c = measure q; output bit[2] c;
struct BitDeclaration {
    NameAt name;
    ExpressionPtr size;
    ExpressionPtr initial;
};
/// int[8] i; float x = 0.5; duration d = 100ns;
struct VariableDeclaration {
    TypeName type;
    NameAt name;
    ExpressionPtr initial;
};
/// array[int[8], 2, 3]; as a parameter also array[int[8], #dim = 2], whose sizes are the argument's.
struct ArrayType {
    TypeName element;
    std::vector<Expression> sizes;
    ExpressionPtr dimensions;
};
/// A value, an array of the same shape, or {..} of such.
struct ArrayValue {
    ExpressionPtr whole;
    std::vector<ArrayValue> parts;
    Place place;
};
struct ArrayDeclaration {
    ArrayType type;
    NameAt name;
    std::optional<ArrayValue> initial;
};
struct ConstDeclaration {
    TypeName type;
    NameAt name;
    ExpressionPtr value;
};
struct InputDeclaration {
    TypeName type;
    NameAt name;
};
/// output int[8] r; and its like; output bit[2] c; is a BitDeclaration.
struct OutputDeclaration {
    TypeName type;
    NameAt name;
    ExpressionPtr initial;
};
/// let name = parts[0] ++ parts[1] ++ ...
struct Alias {
    NameAt name;
    std::vector<Reference> parts;
};
struct GateDefinition {
    NameAt name;
    std::vector<NameAt> parameters;
    std::vector<NameAt> qubits;
    Block body;
};

enum class ModifierKind : std::uint8_t { inv, pow, ctrl, negctrl };
struct Modifier {
    ModifierKind kind;
    Place place;
    ExpressionPtr argument;
};
/// Also U and gphase.
struct GateCall {
    std::vector<Modifier> modifiers;
    NameAt name;
    std::vector<Expression> arguments;
    std::vector<Reference> operands;
};
/// c = .., c[0] |= ..
struct Assignment {
    Reference target;
    std::optional<BinaryOperator> op;
    Expression value;
};
struct MeasureStatement {
    Reference source;
    std::optional<Reference> target;
};
struct ResetStatement {
    Reference operand;
};
/// Without operands: all qubits.
struct BarrierStatement {
    std::vector<Reference> operands;
};
struct DelayStatement {
    Expression duration;
    std::vector<Reference> operands;
};
struct IfStatement {
    Expression condition;
    Block then_body, else_body;
};
struct ForStatement {
    /// Nothing in drafts of the language.
    std::optional<TypeName> type;
    NameAt variable;
    /// The last: the bits of a register, the elements of an array.
    std::variant<Range, Set, ExpressionPtr> values;
    Block body;
};
struct WhileStatement {
    Expression condition;
    Block body;
};
struct SwitchStatement {
    struct Case {
        Set labels;
        Block body;
    };
    Expression target;
    std::vector<Case> cases;
    Block otherwise;
};
enum class ExitKind : std::uint8_t { break_loop, continue_loop, end_program, leave_subroutine };
/// break, continue, end, return.
struct ExitStatement {
    ExitKind kind;
    ExpressionPtr value;
};
struct BoxStatement {
    ExpressionPtr duration;
    Block body;
};
/// The call of a subroutine whose result is not used.
struct CallStatement {
    Expression call;
};
struct SubroutineDefinition {
    struct Parameter {
        NameAt name;
        /// Neither this nor an array: qubits, `size` of them.
        std::optional<TypeName> type;
        ExpressionPtr size;
        std::optional<ArrayType> array = {};
        /// Of an array: assignments reach the caller's. Else none may be made.
        bool is_mutable = false;
    };
    NameAt name;
    std::vector<Parameter> parameters;
    std::optional<TypeName> result;
    Block body;
};
/// Version 2: a gate without a body.
struct OpaqueDeclaration {
    NameAt name;
    std::size_t parameters;
    std::size_t qubits;
};
/// One that does not parse, which is reported already: its name stands for nothing.
struct BrokenDeclaration {
    NameAt name;
};
/// #pragma text
struct Pragma {
    std::string_view text;
};
/// @text, about the statement that follows.
struct Annotation {
    std::string_view text;
};

using StatementKind =
    std::variant<Include, QubitDeclaration, BitDeclaration, VariableDeclaration, ArrayDeclaration,
                 ConstDeclaration, InputDeclaration, OutputDeclaration, Alias, GateDefinition,
                 SubroutineDefinition, OpaqueDeclaration, BrokenDeclaration, GateCall, MeasureStatement,
                 Assignment, ResetStatement, BarrierStatement, DelayStatement, IfStatement, ForStatement,
                 WhileStatement, SwitchStatement, ExitStatement, BoxStatement, CallStatement, Pragma,
                 Annotation>;
struct Statement {
    Place place;
    StatementKind kind;
};

}  // namespace qdcnn::qasm
