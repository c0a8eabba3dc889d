#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>

#include "parser.h"

namespace qdcnn::qasm {

using T = TokenKind;

namespace {

struct OperatorRow {
    TokenKind token;
    BinaryOperator op;
    int precedence;
};

// The precedences of the OpenQASM 3 grammar; ** alone groups to the right.
constexpr int kPowerPrecedence = 12;
constexpr int kUnaryPrecedence = 11;
constexpr OperatorRow kOperators[] = {
    {T::logical_or, BinaryOperator::logical_or, 1},
    {T::logical_and, BinaryOperator::logical_and, 2},
    {T::bit_or, BinaryOperator::bit_or, 3},
    {T::bit_xor, BinaryOperator::bit_xor, 4},
    {T::bit_and, BinaryOperator::bit_and, 5},
    {T::equal, BinaryOperator::equal, 6},
    {T::not_equal, BinaryOperator::not_equal, 6},
    {T::less, BinaryOperator::less, 7},
    {T::less_equal, BinaryOperator::less_equal, 7},
    {T::greater, BinaryOperator::greater, 7},
    {T::greater_equal, BinaryOperator::greater_equal, 7},
    {T::shift_left, BinaryOperator::shift_left, 8},
    {T::shift_right, BinaryOperator::shift_right, 8},
    {T::plus, BinaryOperator::add, 9},
    {T::minus, BinaryOperator::subtract, 9},
    {T::star, BinaryOperator::multiply, 10},
    {T::slash, BinaryOperator::divide, 10},
    {T::percent, BinaryOperator::modulo, 10},
    {T::power, BinaryOperator::power, kPowerPrecedence},
};

const OperatorRow* find_operator(TokenKind token, bool version_2) {
    // Version 2 writes a power with ^.
    static constexpr OperatorRow kOldPower{T::bit_xor, BinaryOperator::power, kPowerPrecedence};
    if (version_2 && token == T::bit_xor) return &kOldPower;
    for (const OperatorRow& row : kOperators)
        if (row.token == token) return &row;
    return nullptr;
}

int height_of_all(const std::vector<Expression>& expressions) {
    int height = 0;
    for (const Expression& expression : expressions) height = std::max(height, expression.height);
    return height;
}

int height_of(const IndexItem& item) {
    const auto of = [](const ExpressionPtr& part) { return part ? part->height : 0; };
    return std::visit(overloaded{
                          [&](const ExpressionPtr& single) { return of(single); },
                          [&](const Range& range) {
                              return std::max({of(range.first), of(range.step), of(range.last)});
                          },
                          [](const Set& set) { return height_of_all(set); },
                      },
                      item);
}

}  // namespace

ExpressionPtr Parser::parse_boxed() { return std::make_unique<Expression>(parse_expression()); }

ExpressionPtr Parser::parse_assigned() {
    const Place place = here();
    if (!accept(T::kw_measure)) return parse_boxed();
    return std::make_unique<Expression>(Expression{place, Measurement{parse_reference()}});
}

Expression Parser::parse_expression(int lowest_precedence) {
    const int limit = 4 * options_.max_nesting;
    const Nesting nesting(*this, expression_depth_, limit, "expressions");
    Expression left = parse_operand();
    while (true) {
        const OperatorRow* row = find_operator(current_.kind, version_2_);
        if (row == nullptr || row->precedence < lowest_precedence) return left;
        // Each turn makes the tree one higher, though the parser itself does not recurse.
        if (left.height >= limit)
            throw Failure{ErrorKind::invalid_input,
                          fmt::format("an expression has more than {} operators in a row", limit), here()};
        advance();
        const int next = row->op == BinaryOperator::power ? row->precedence : row->precedence + 1;
        ExpressionPtr right = std::make_unique<Expression>(parse_expression(next));
        const Place place = left.place;
        const int height = std::max(left.height, right->height) + 1;
        left = {place, Binary{row->op, std::make_unique<Expression>(std::move(left)), std::move(right)},
                height};
    }
}

Expression Parser::parse_operand() {
    const Place place = here();
    const auto unary = [&](UnaryOperator op) {
        advance();
        auto operand = std::make_unique<Expression>(parse_expression(kUnaryPrecedence));
        const int height = operand->height + 1;
        return Expression{place, Unary{op, std::move(operand)}, height};
    };
    switch (current_.kind) {
        case T::minus:
            return unary(UnaryOperator::negate);
        case T::logical_not:
            return unary(UnaryOperator::logical_not);
        case T::bit_not:
            return unary(UnaryOperator::bit_not);
        case T::plus:
            advance();
            return parse_expression(kUnaryPrecedence);
        case T::left_paren: {
            advance();
            Expression inner = parse_expression();
            expect(T::right_paren, "to close the parenthesis");
            return inner;
        }
        case T::identifier:
        case T::physical_qubit:
        case T::kw_pow:
        case T::kw_sizeof:
            return parse_called_or_named();
        case T::kw_bool:
        case T::kw_int:
        case T::kw_uint:
        case T::kw_float:
        case T::kw_bit:
        case T::kw_angle: {
            TypeName type = parse_scalar_type();
            expect(T::left_paren, "after the type of a conversion");
            ExpressionPtr operand = parse_boxed();
            expect(T::right_paren, "after the converted value");
            const int height = std::max(operand->height, type.width ? type.width->height : 0) + 1;
            return {place, Cast{std::move(type), std::move(operand)}, height};
        }
        case T::kw_durationof:
            throw Failure{ErrorKind::unsupported, "durationof is not supported: no schedule is known here",
                          here()};
        case T::kw_measure:
            throw Failure{ErrorKind::unsupported, "a measurement inside an expression is not supported",
                          here(), "Measure into a bit first."};
        default:
            return parse_literal();
    }
}

Expression Parser::parse_literal() {
    const Place place = here();
    const Token token = current_;
    const std::string_view text = lexer_.text_of(token);
    const auto done = [&](ExpressionKind kind) {
        advance();
        return Expression{place, std::move(kind)};
    };
    switch (token.kind) {
        case T::integer:
            return done(integer_value(token));
        case T::real:
            return done(RealLiteral{real_value(text, token)});
        case T::kw_true:
            return done(BooleanLiteral{true});
        case T::kw_false:
            return done(BooleanLiteral{false});
        case T::string:
            return done(BitstringLiteral{string_content(token)});
        case T::duration: {
            const std::size_t unit = text.find_first_not_of("0123456789._eE+- \t");
            const std::string_view name = text.substr(unit);
            const std::string_view digits = text.substr(0, text.find_last_not_of(" \t", unit - 1) + 1);
            const double value = real_value(digits, token);
            if (name == "dt") return done(DurationLiteral{value, circuit::TimeUnit::dt});
            // Divided, not multiplied by 1e-9, so that 100ns is the double nearest to 1e-7.
            const double per_second = name == "s" ? 1.0 : name == "ms" ? 1e3 : name == "ns" ? 1e9 : 1e6;
            return done(DurationLiteral{value / per_second, circuit::TimeUnit::seconds});
        }
        case T::imaginary:
            throw Failure{ErrorKind::unsupported, "complex numbers are not supported", here()};
        default:
            fail_expected("a value", "here");
    }
}

Expression Parser::parse_called_or_named() {
    const NameAt name{here(), lexer_.text_of(current_)};
    advance();
    if (current_.kind != T::left_paren) {
        Reference reference = parse_reference(name);
        int height = 1;
        for (const IndexItem& item : reference.indices) height = std::max(height, height_of(item) + 1);
        return {name.place, std::move(reference), height};
    }
    std::vector<Expression> arguments = parse_arguments();
    const int height = height_of_all(arguments) + 1;
    return {name.place, FunctionCall{name.text, std::move(arguments)}, height};
}

std::vector<Expression> Parser::parse_arguments() {
    std::vector<Expression> arguments;
    expect(T::left_paren, "before the arguments");
    if (current_.kind != T::right_paren) do {
            arguments.push_back(parse_expression());
        } while (accept(T::comma) && current_.kind != T::right_paren);
    expect(T::right_paren, "after the arguments");
    return arguments;
}

Reference Parser::parse_reference() {
    if (current_.kind == T::physical_qubit) {
        const NameAt name{here(), lexer_.text_of(current_)};
        advance();
        return {name, {}};
    }
    return parse_reference(expect_name("a qubit or bit"));
}

Reference Parser::parse_reference(NameAt name) {
    Reference reference{name, {}};
    while (accept(T::left_bracket)) {
        // Of an array a[0, 1] is a[0][1].
        do reference.indices.push_back(parse_index());
        while (accept(T::comma));
        expect(T::right_bracket, "after the index");
    }
    return reference;
}

IndexItem Parser::parse_index() {
    if (accept_list()) {
        Set set;
        if (current_.kind != T::right_brace) do {
                set.push_back(parse_expression());
            } while (accept(T::comma) && current_.kind != T::right_brace);
        close_list("after the set of indices");
        return set;
    }
    ExpressionPtr first = current_.kind == T::colon ? nullptr : parse_boxed();
    if (current_.kind == T::colon) return parse_range_from(std::move(first));
    return first;
}

/// From the first colon on.
Range Parser::parse_range_from(ExpressionPtr first) {
    Range range{std::move(first), nullptr, nullptr};
    const auto part = [&]() -> ExpressionPtr {
        expect(T::colon, "in the range");
        return current_.kind == T::colon || current_.kind == T::right_bracket ? nullptr : parse_boxed();
    };
    range.last = part();
    if (current_.kind == T::colon) {
        range.step = std::move(range.last);
        range.last = part();
    }
    return range;
}

std::vector<Reference> Parser::parse_references() {
    std::vector<Reference> references;
    do {
        references.push_back(parse_reference());
    } while (accept(T::comma));
    return references;
}

std::vector<NameAt> Parser::parse_names(std::string_view what) {
    std::vector<NameAt> names;
    do {
        names.push_back(expect_name(what));
    } while (accept(T::comma));
    return names;
}

std::string_view Parser::string_content(const Token& token) const {
    const std::string_view text = lexer_.text_of(token);
    return text.substr(1, text.size() - 2);
}

ExpressionKind Parser::integer_value(const Token& token) const {
    const std::string_view text = lexer_.text_of(token);
    std::int64_t plain = 0;
    const auto [plain_end, plain_error] = std::from_chars(text.data(), text.data() + text.size(), plain);
    if (plain_error == std::errc{} && plain_end == text.data() + text.size()) return IntegerLiteral{plain};
    std::string digits;
    for (const char c : text)
        if (c != '_') digits += c;
    int base = 10;
    if (digits.size() > 1 && digits[0] == '0' && (digits[1] < '0' || digits[1] > '9')) {
        base = digits[1] == 'x' || digits[1] == 'X' ? 16 : digits[1] == 'o' ? 8 : 2;
        digits.erase(0, 2);
    }
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
    // A number beyond 64 bits can still be an angle; whoever needs an integer refuses it.
    if (error == std::errc::result_out_of_range && base == 10) return RealLiteral{real_value(digits, token)};
    if (error != std::errc{} || end != digits.data() + digits.size())
        throw Failure{ErrorKind::parse,
                      fmt::format("{:.40} is not a whole number below 2^63", lexer_.text_of(token)),
                      place_of(token)};
    return IntegerLiteral{value};
}

double Parser::real_value(std::string_view digits, const Token& token) const {
    std::string copy;
    if (digits.find('_') != std::string_view::npos) {
        for (const char c : digits)
            if (c != '_') copy += c;
        digits = copy;
    }
    double value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    // A number too small for a double is 0; one too large is a mistake.
    if (error == std::errc::result_out_of_range) {
        value = std::strtod(std::string(digits).c_str(), nullptr);
        if (std::isfinite(value)) return value;
    }
    if (error != std::errc{} || end != digits.data() + digits.size())
        throw Failure{ErrorKind::parse, fmt::format("{:.40} is not a number a double can hold", digits),
                      place_of(token)};
    return value;
}

}  // namespace qdcnn::qasm
