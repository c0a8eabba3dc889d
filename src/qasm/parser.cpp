#include "parser.h"

#include <fmt/format.h>

#include <utility>

#include "qdcnn/base/suggest.h"

namespace qdcnn::qasm {

using T = TokenKind;

namespace {

/// Of "+=" and its like.
std::optional<BinaryOperator> compound_operator(std::string_view text) {
    static constexpr std::pair<std::string_view, BinaryOperator> kOperators[] = {
        {"+=", BinaryOperator::add},         {"-=", BinaryOperator::subtract},
        {"*=", BinaryOperator::multiply},    {"/=", BinaryOperator::divide},
        {"%=", BinaryOperator::modulo},      {"**=", BinaryOperator::power},
        {"&=", BinaryOperator::bit_and},     {"|=", BinaryOperator::bit_or},
        {"^=", BinaryOperator::bit_xor},     {"<<=", BinaryOperator::shift_left},
        {">>=", BinaryOperator::shift_right}};
    for (const auto& [name, op] : kOperators)
        if (name == text) return op;
    return {};
}

bool begins_declaration(TokenKind kind) {
    switch (kind) {
        case T::kw_qreg:
        case T::kw_creg:
        case T::kw_qubit:
        case T::kw_bit:
        case T::kw_bool:
        case T::kw_int:
        case T::kw_uint:
        case T::kw_float:
        case T::kw_angle:
        case T::kw_duration:
        case T::kw_stretch:
        case T::kw_complex:
        case T::kw_array:
        case T::kw_const:
        case T::kw_input:
        case T::kw_output:
        case T::kw_let:
        case T::kw_gate:
        case T::kw_def:
        case T::kw_extern:
        case T::kw_opaque:
            return true;
        default:
            return false;
    }
}

}  // namespace

Parser::Parser(const Sources& sources, std::uint32_t source, Report& report, const ReadOptions& options,
               bool version_2)
    : lexer_(sources, source), report_(report), options_(options), version_2_(version_2) {
    lexer_.set_version_2(version_2);
}

Parser::Nesting::Nesting(Parser& parser, int& depth, int limit, std::string_view what) : depth_(depth) {
    if (depth >= limit)
        throw Failure{ErrorKind::invalid_input, fmt::format("{} nest more than {} deep", what, limit),
                      parser.here()};
    ++depth;
}

void Parser::advance() {
    before_ = current_;
    // If the lexer throws, the piece is behind and a bad token stands for it.
    current_.kind = T::bad;
    current_ = lexer_.next();
}

bool Parser::accept(TokenKind kind) {
    if (current_.kind != kind) return false;
    advance();
    return true;
}

bool Parser::accept_list() {
    if (!accept(T::left_brace)) return false;
    ++list_depth_;
    return true;
}

void Parser::close_list(std::string_view where) {
    expect(T::right_brace, where);
    --list_depth_;
}

void Parser::fail(std::string message, std::string hint) const {
    throw Failure{ErrorKind::parse, std::move(message), here(), std::move(hint)};
}

void Parser::fail_expected(std::string_view what, std::string_view where, std::string hint) const {
    const std::string_view text = lexer_.text_of(current_);
    const bool shown = current_.kind != T::end_of_text && text.size() <= 40;
    fail(fmt::format("expected {} {}, found {}", what, where,
                     shown ? fmt::format("'{}'", text) : describe(current_.kind)),
         std::move(hint));
}

Token Parser::expect(TokenKind kind, std::string_view where) {
    if (current_.kind != kind) fail_expected(describe(kind), where);
    const Token token = current_;
    advance();
    return token;
}

NameAt Parser::expect_name(std::string_view what) {
    if (current_.kind != T::identifier) {
        const std::string_view text = lexer_.text_of(current_);
        if (keyword_kind(text, version_2_) != T::identifier)
            fail(fmt::format("'{}' is a word of the language and cannot be {}", text, what));
        fail_expected("a name", fmt::format("for {}", what));
    }
    const NameAt name{here(), lexer_.text_of(current_)};
    if (name_in_hand_.text.empty()) name_in_hand_ = name;
    advance();
    return name;
}

void Parser::end_statement(std::string_view what) {
    if (current_.kind == T::semicolon) return advance();
    try {
        fail_expected(describe(T::semicolon), fmt::format("after {}", what));
    } catch (Failure& failure) {
        // It is missing where the statement ends, not in the line below.
        if (lexer_.is_line_between(before_, current_)) failure.place.offset = before_.offset + before_.length;
        throw;
    }
}

std::optional<Statement> Parser::next() {
    if (!started_) {
        started_ = true;
        try {
            advance();
            if (current_.kind == T::kw_openqasm) parse_version();
        } catch (const Failure& failure) {
            report_.add(failure);
            recover();
        }
    }
    while (current_.kind != T::end_of_text && !report_.full())
        if (auto statement = parse_or_recover()) return statement;
    return {};
}

void Parser::parse_version() {
    advance();
    const std::string_view version = lexer_.text_of(current_);
    if (current_.kind != T::real && current_.kind != T::integer)
        fail_expected("a version such as 3.0", "after OPENQASM");
    if (version == "2" || version == "2.0") {
        version_2_ = true;
    } else if (version != "3" && version != "3.0" && version != "3.1") {
        throw Failure{ErrorKind::unsupported,
                      fmt::format("OpenQASM {} is not a version that is read here", version), here(),
                      "Known: 2.0, 3.0, 3.1."};
    } else {
        version_2_ = false;
    }
    lexer_.set_version_2(version_2_);
    advance();
    end_statement("the version");
}

std::optional<Statement> Parser::parse_or_recover() {
    const std::uint32_t begin = current_.offset;
    const Place place = here();
    const bool declares = begins_declaration(current_.kind);
    name_in_hand_ = {};
    const int lists_around = std::exchange(list_depth_, 0);
    try {
        Statement statement = parse_statement();
        list_depth_ = lists_around;
        return statement;
    } catch (const Failure& failure) {
        report_.add(failure);
    }
    NameAt name = name_in_hand_;
    const NameAt name_behind = recover();
    list_depth_ = lists_around;
    if (name.text.empty()) name = name_behind;
    // A statement that fails at its first token still has to be passed.
    if (current_.offset == begin && current_.kind != T::end_of_text &&
        (current_.kind != T::right_brace || block_depth_ == 0)) {
        try {
            advance();
        } catch (const Failure& failure) {
            report_.add(failure);
        }
    }
    if (declares && !name.text.empty()) return Statement{place, BrokenDeclaration{name}};
    return {};
}

/// Past the next ';' or the block that the broken statement opens, or up to the end of the block it stands
/// in. What comes back looks like the name that it declares.
NameAt Parser::recover() {
    int depth = 0, lists = std::exchange(list_depth_, 0);
    NameAt name{};
    if (std::exchange(is_passed_, false)) return name;
    Token before;
    while (current_.kind != T::end_of_text && !report_.full()) {
        const TokenKind kind = current_.kind;
        const bool ends_name = kind == T::assign || kind == T::semicolon || kind == T::left_paren;
        if (name.text.empty() && ends_name && before.kind == T::identifier)
            name = {place_of(before), lexer_.text_of(before)};
        before = current_;
        const bool closes_list = kind == T::right_brace && depth == 0 && lists > 0;
        if (closes_list) --lists;
        if (kind == T::right_brace && depth == 0 && !closes_list) return name;
        try {
            advance();
        } catch (const Failure& failure) {
            report_.add(failure);
            continue;
        }
        if (closes_list) continue;
        if (kind == T::left_brace) ++depth;
        // Braces that close a list of values do not end the statement.
        const bool goes_on = current_.kind == T::kw_else || current_.kind == T::semicolon ||
                             current_.kind == T::comma || current_.kind == T::right_paren;
        if (kind == T::right_brace && --depth == 0 && !goes_on) return name;
        if (kind == T::semicolon && depth == 0) return name;
    }
    return name;
}

void Parser::skip_block() {
    int depth = 1;
    while (depth > 0 && current_.kind != T::end_of_text && !report_.full()) {
        if (current_.kind == T::left_brace) ++depth;
        if (current_.kind == T::right_brace) --depth;
        try {
            advance();
        } catch (const Failure& failure) {
            report_.add(failure);
        }
    }
    is_passed_ = true;
}

Statement Parser::parse_statement() {
    const Nesting nesting(*this, block_depth_, options_.max_nesting, "blocks");
    const Place place = here();
    return {place, parse_kind()};
}

std::optional<StatementKind> Parser::parse_declaration() {
    switch (current_.kind) {
        case T::kw_qreg:
            return parse_register(true, true);
        case T::kw_creg:
            return parse_register(false, true);
        case T::kw_qubit:
            return parse_register(true, false);
        case T::kw_bit:
            return parse_register(false, false);
        case T::kw_const:
            return parse_const();
        case T::kw_input:
            return parse_input();
        case T::kw_output:
            return parse_output();
        case T::kw_let:
            return parse_alias();
        case T::kw_gate:
            return parse_gate_definition();
        case T::kw_def:
            return parse_subroutine();
        case T::kw_bool:
        case T::kw_int:
        case T::kw_uint:
        case T::kw_float:
        case T::kw_angle:
        case T::kw_duration:
            return parse_variable();
        case T::kw_array:
            return parse_array();
        case T::kw_opaque:
            if (version_2_) return parse_opaque();
            return {};
        default:
            return {};
    }
}

StatementKind Parser::parse_kind() {
    if (auto declaration = parse_declaration()) return std::move(*declaration);
    switch (current_.kind) {
        case T::kw_include: {
            advance();
            const Include include{string_content(expect(T::string, "after include"))};
            end_statement("the include");
            return include;
        }
        case T::kw_measure:
            return parse_measure();
        case T::kw_reset: {
            advance();
            ResetStatement reset{parse_reference()};
            end_statement("reset");
            return reset;
        }
        case T::kw_barrier: {
            advance();
            BarrierStatement barrier;
            if (current_.kind != T::semicolon) barrier.operands = parse_references();
            end_statement("barrier");
            return barrier;
        }
        case T::kw_delay:
            return parse_delay();
        case T::kw_if:
            return parse_if();
        case T::kw_for:
            return parse_for();
        case T::kw_while:
            return parse_while();
        case T::kw_switch:
            return parse_switch();
        case T::kw_break:
        case T::kw_continue:
        case T::kw_end:
        case T::kw_return:
            return parse_exit();
        case T::kw_box:
            return parse_box();
        case T::kw_inv:
        case T::kw_pow:
        case T::kw_ctrl:
        case T::kw_negctrl:
        case T::kw_gphase:
            return parse_gate_call();
        case T::identifier:
            return parse_named();
        case T::pragma: {
            const Pragma pragma{lexer_.rest_of_line(current_)};
            advance();
            return pragma;
        }
        case T::at: {
            if (!lexer_.begins_name_after(current_)) fail_expected("an annotation such as @name", "here");
            const Annotation annotation{lexer_.rest_of_line(current_)};
            advance();
            if (current_.kind == T::right_brace || current_.kind == T::end_of_text)
                fail_expected("a statement", "after the annotation");
            return annotation;
        }
        case T::kw_openqasm:
            fail("the version stands at the beginning of a text, once");
        case T::right_brace:
            fail("'}' closes no block");
        default:
            refuse_keyword();
    }
}

void Parser::refuse_keyword() const {
    const std::string_view word = lexer_.text_of(current_);
    std::string_view what;
    switch (current_.kind) {
        case T::kw_complex:
            what = "complex numbers";
            break;
        case T::kw_stretch:
            what = "durations that a scheduler chooses";
            break;
        case T::kw_case:
        case T::kw_default:
            fail(fmt::format("'{}' stands in the block of a switch", word));
        case T::kw_extern:
            what = "extern functions";
            break;
        case T::kw_defcal:
        case T::kw_cal:
        case T::kw_defcalgrammar:
            what = "pulse calibrations";
            break;
        case T::kw_opaque:
            what = "opaque gates, which version 3 has no more,";
            break;
        case T::kw_nop:
            what = "nop";
            break;
        default:
            fail_expected("a statement", "here");
    }
    throw Failure{ErrorKind::unsupported,
                  fmt::format("'{}': {} {} not supported", word, what, what == "nop" ? "is" : "are"), here()};
}

Block Parser::parse_block() {
    expect(T::left_brace, "to open the block");
    Block block;
    while (current_.kind != T::right_brace) {
        if (current_.kind == T::end_of_text) fail_expected("'}'", "to close the block");
        if (report_.full()) break;
        if (auto statement = parse_or_recover()) block.push_back(std::move(*statement));
    }
    advance();
    return block;
}

Block Parser::parse_body() {
    if (current_.kind == T::left_brace) return parse_block();
    Block block;
    block.push_back(parse_statement());
    return block;
}

std::vector<Modifier> Parser::parse_modifiers() {
    std::vector<Modifier> modifiers;
    while (true) {
        Modifier modifier{ModifierKind::inv, here(), nullptr};
        switch (current_.kind) {
            case T::kw_inv:
                modifier.kind = ModifierKind::inv;
                break;
            case T::kw_pow:
                modifier.kind = ModifierKind::pow;
                break;
            case T::kw_ctrl:
                modifier.kind = ModifierKind::ctrl;
                break;
            case T::kw_negctrl:
                modifier.kind = ModifierKind::negctrl;
                break;
            default:
                return modifiers;
        }
        advance();
        if (modifier.kind == ModifierKind::pow && current_.kind != T::left_paren)
            fail_expected("'('", "after pow");
        if (accept(T::left_paren)) {
            if (modifier.kind == ModifierKind::inv) fail("inv takes no argument");
            modifier.argument = parse_boxed();
            expect(T::right_paren, "after the modifier's argument");
        }
        expect(T::at, "after a gate modifier");
        modifiers.push_back(std::move(modifier));
    }
}

StatementKind Parser::parse_gate_call() {
    GateCall call;
    call.modifiers = parse_modifiers();
    if (current_.kind == T::kw_gphase) {
        call.name = {here(), lexer_.text_of(current_)};
        advance();
    } else {
        call.name = expect_name("a gate");
    }
    if (current_.kind == T::left_paren) call.arguments = parse_arguments();
    if (current_.kind == T::left_bracket)
        throw Failure{ErrorKind::unsupported, "a gate with a duration is not supported", here()};
    if (current_.kind != T::semicolon) call.operands = parse_references();
    end_statement("the gate");
    return call;
}

StatementKind Parser::parse_assignment(NameAt name) {
    Reference target = parse_reference(name);
    std::optional<BinaryOperator> op;
    if (current_.kind == T::compound_assign) {
        op = compound_operator(lexer_.text_of(current_));
        advance();
    } else if (!accept(T::assign)) {
        fail_expected_of(name, "'='", fmt::format("after the bits of {}", name.text));
    } else if (accept(T::kw_measure)) {
        MeasureStatement measure{parse_reference(), std::move(target)};
        end_statement("the measurement");
        return measure;
    }
    Assignment assignment{std::move(target), op, parse_expression()};
    end_statement("the assignment");
    return assignment;
}

/// Of a statement that begins with a name, perhaps a slip in a word of the language.
void Parser::fail_expected_of(const NameAt& name, std::string_view what, std::string_view where) const {
    static const std::vector<std::string> kWords{"qubit",    "bit",     "gate",    "measure",
                                                 "reset",    "barrier", "include", "input",
                                                 "OPENQASM", "const",   "delay",   "while"};
    std::string hint = suggestion(std::string(name.text), kWords);
    if (!hint.starts_with("Did")) hint.clear();
    if (hint.empty() && (current_.kind == T::concatenate || current_.kind == T::minus))
        hint = fmt::format("To count: {} {}= 1.", name.text, lexer_.text_of(current_).substr(0, 1));
    if (hint.empty() && what == "'='") hint = "Or a gate: a blank stands between its name and its qubits.";
    fail_expected(what, where, std::move(hint));
}

/// A statement that begins with a name: a gate, an assignment or the call of a subroutine.
StatementKind Parser::parse_named() {
    const NameAt name = expect_name("a gate");
    if (current_.kind == T::left_bracket || current_.kind == T::assign || current_.kind == T::compound_assign)
        return parse_assignment(name);
    GateCall call;
    call.name = name;
    if (current_.kind == T::left_paren) {
        call.arguments = parse_arguments();
        if (accept(T::semicolon))
            return CallStatement{{name.place, FunctionCall{name.text, std::move(call.arguments)}, 1}};
    }
    if (current_.kind != T::identifier && current_.kind != T::physical_qubit)
        fail_expected_of(name, "the qubits", fmt::format("of gate {}", name.text));
    call.operands = parse_references();
    if (current_.kind == T::arrow) fail_expected_of(name, "';'", "after the gate");
    end_statement("the gate");
    return call;
}

StatementKind Parser::parse_measure() {
    advance();
    MeasureStatement measure{parse_reference(), {}};
    if (accept(T::arrow)) measure.target = parse_reference();
    end_statement("the measurement");
    return measure;
}

StatementKind Parser::parse_delay() {
    advance();
    expect(T::left_bracket, "after delay");
    DelayStatement delay{parse_expression(), {}};
    expect(T::right_bracket, "after the delay's duration");
    if (current_.kind != T::semicolon) delay.operands = parse_references();
    end_statement("the delay");
    return delay;
}

}  // namespace qdcnn::qasm
