#include <fmt/format.h>

#include "parser.h"

namespace qdcnn::qasm {

using T = TokenKind;

namespace {

// Of the language.
constexpr int kMostDimensions = 7;

}  // namespace

StatementKind Parser::parse_register(bool is_quantum, bool old_style) {
    advance();
    ExpressionPtr size;
    const auto parse_size = [&] {
        if (!accept(T::left_bracket)) return;
        size = parse_boxed();
        expect(T::right_bracket, "after the register's size");
    };
    if (!old_style) parse_size();
    const NameAt name = expect_name(is_quantum ? "a qubit register" : "a bit register");
    if (old_style) parse_size();
    if (!is_quantum) return parse_bit_declaration(name, std::move(size));
    end_statement("the declaration");
    return QubitDeclaration{name, std::move(size)};
}

StatementKind Parser::parse_bit_declaration(NameAt name, ExpressionPtr size) {
    BitDeclaration declaration{name, std::move(size), nullptr};
    if (accept(T::assign)) declaration.initial = parse_assigned();
    end_statement("the declaration");
    return declaration;
}

TypeName Parser::parse_scalar_type() {
    ScalarType type{};
    switch (current_.kind) {
        case T::kw_bool:
            type = ScalarType::boolean;
            break;
        case T::kw_int:
            type = ScalarType::integer;
            break;
        case T::kw_uint:
            type = ScalarType::unsigned_integer;
            break;
        case T::kw_float:
            type = ScalarType::real;
            break;
        case T::kw_angle:
            type = ScalarType::angle;
            break;
        case T::kw_bit:
            type = ScalarType::bit;
            break;
        case T::kw_duration:
            type = ScalarType::duration;
            break;
        case T::kw_complex:
        case T::kw_stretch:
        case T::kw_array:
            throw Failure{ErrorKind::unsupported,
                          fmt::format("type {} is not supported here", lexer_.text_of(current_)), here(),
                          "Known: bool, int, uint, float, angle, bit, duration."};
        default:
            fail_expected("a type", "here");
    }
    const Place place = here();
    advance();
    TypeName name{type, nullptr, place};
    const bool has_width = type != ScalarType::boolean && type != ScalarType::duration;
    if (has_width && accept(T::left_bracket)) {
        name.width = parse_boxed();
        expect(T::right_bracket, "after the type's width");
    }
    return name;
}

StatementKind Parser::parse_variable() {
    TypeName type = parse_scalar_type();
    VariableDeclaration declaration{std::move(type), expect_name("a variable"), nullptr};
    if (accept(T::assign)) declaration.initial = parse_assigned();
    end_statement("the declaration");
    return declaration;
}

ArrayType Parser::parse_array_type() {
    expect(T::kw_array, "for the type");
    expect(T::left_bracket, "after array");
    ArrayType type{parse_scalar_type(), {}, nullptr};
    expect(T::comma, "before the sizes of the array");
    if (current_.kind == T::dim) {
        advance();
        expect(T::assign, "after #dim");
        type.dimensions = parse_boxed();
    } else {
        do type.sizes.push_back(parse_expression());
        while (accept(T::comma));
    }
    expect(T::right_bracket, "after the sizes of the array");
    return type;
}

ArrayValue Parser::parse_array_value() {
    ArrayValue value{nullptr, {}, here()};
    if (!accept_list()) {
        value.whole = parse_boxed();
        return value;
    }
    const Nesting nesting(*this, expression_depth_, kMostDimensions, "braces");
    do value.parts.push_back(parse_array_value());
    while (accept(T::comma) && current_.kind != T::right_brace);
    close_list("after the values of the array");
    return value;
}

StatementKind Parser::parse_array() {
    ArrayType type = parse_array_type();
    ArrayDeclaration declaration{std::move(type), expect_name("an array"), {}};
    if (accept(T::assign)) declaration.initial = parse_array_value();
    end_statement("the declaration");
    return declaration;
}

SubroutineDefinition::Parameter Parser::parse_parameter() {
    SubroutineDefinition::Parameter parameter;
    const auto parse_size = [&](ExpressionPtr& size) {
        if (!accept(T::left_bracket)) return;
        size = parse_boxed();
        expect(T::right_bracket, "after the register's size");
    };
    // Old words have the size behind the name: qreg q[2], creg c[2].
    const bool is_old = current_.kind == T::kw_qreg || current_.kind == T::kw_creg;
    if (current_.kind == T::kw_creg) parameter.type = TypeName{ScalarType::bit, nullptr, here()};
    if (is_old) {
        advance();
    } else if (current_.kind == T::kw_readonly || current_.kind == T::kw_mutable) {
        parameter.is_mutable = current_.kind == T::kw_mutable;
        advance();
        parameter.array = parse_array_type();
    } else if (current_.kind == T::kw_array) {
        fail("an array is a parameter as readonly array[..] or mutable array[..]");
    } else if (accept(T::kw_qubit)) {
        parse_size(parameter.size);
    } else {
        parameter.type = parse_scalar_type();
    }
    parameter.name = expect_name("a parameter");
    if (is_old) parse_size(parameter.type ? parameter.type->width : parameter.size);
    return parameter;
}

StatementKind Parser::parse_subroutine() {
    advance();
    SubroutineDefinition definition;
    definition.name = expect_name("a subroutine");
    expect(T::left_paren, "before the parameters");
    while (current_.kind != T::right_paren) {
        definition.parameters.push_back(parse_parameter());
        if (!accept(T::comma)) break;
    }
    expect(T::right_paren, "after the parameters");
    if (accept(T::arrow)) definition.result = parse_scalar_type();
    definition.body = parse_block();
    return definition;
}

StatementKind Parser::parse_opaque() {
    advance();
    OpaqueDeclaration declaration{expect_name("a gate"), 0, 0};
    if (accept(T::left_paren)) {
        if (current_.kind != T::right_paren) declaration.parameters = parse_names("a parameter").size();
        expect(T::right_paren, "after the gate's parameters");
    }
    declaration.qubits = parse_names("a qubit of the gate").size();
    end_statement("the declaration");
    return declaration;
}

StatementKind Parser::parse_const() {
    advance();
    TypeName type = parse_scalar_type();
    ConstDeclaration declaration{std::move(type), expect_name("a constant"), nullptr};
    expect(T::assign, "before the constant's value");
    declaration.value = parse_boxed();
    end_statement("the declaration");
    return declaration;
}

StatementKind Parser::parse_input() {
    advance();
    TypeName type = parse_scalar_type();
    if (type.type == ScalarType::duration)
        throw Failure{ErrorKind::unsupported, "an input of this type is not supported", type.place,
                      "Inputs may be float, angle, int, uint, bool or bit."};
    InputDeclaration declaration{std::move(type), expect_name("an input")};
    end_statement("the declaration");
    return declaration;
}

StatementKind Parser::parse_output() {
    advance();
    if (current_.kind == T::kw_bit) return parse_register(false, false);
    TypeName type = parse_scalar_type();
    if (type.type != ScalarType::boolean && type.type != ScalarType::integer &&
        type.type != ScalarType::unsigned_integer)
        throw Failure{ErrorKind::unsupported, "an output of this type is not supported", type.place,
                      "What a run gives are bits: outputs may be bit, bool, int or uint."};
    OutputDeclaration declaration{std::move(type), expect_name("an output"), nullptr};
    if (accept(T::assign)) declaration.initial = parse_assigned();
    end_statement("the declaration");
    return declaration;
}

StatementKind Parser::parse_alias() {
    advance();
    Alias alias{expect_name("an alias"), {}};
    expect(T::assign, "in the alias");
    do {
        alias.parts.push_back(parse_reference());
    } while (accept(T::concatenate));
    end_statement("the alias");
    return alias;
}

StatementKind Parser::parse_gate_definition() {
    advance();
    GateDefinition definition;
    if (current_.kind == T::identifier || lexer_.text_of(current_) != "gphase")
        definition.name = expect_name("a gate");
    else
        fail("gphase is built in and cannot be defined");
    if (accept(T::left_paren)) {
        if (current_.kind != T::right_paren) definition.parameters = parse_names("a parameter");
        expect(T::right_paren, "after the gate's parameters");
    }
    definition.qubits = parse_names("a qubit of the gate");
    definition.body = parse_block();
    return definition;
}

}  // namespace qdcnn::qasm
