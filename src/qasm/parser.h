#pragma once

#include <optional>

#include "ast.h"
#include "lexer.h"

namespace qdcnn::qasm {

/// Recursive descent over one text, a statement at a time. A statement that does not parse goes to the
/// report, and parsing goes on behind it.
class Parser {
  public:
    Parser(const Sources& sources, std::uint32_t source, Report& report, const ReadOptions& options,
           bool version_2);

    /// The next statement of the text; nothing at its end.
    std::optional<Statement> next();
    /// Whether the text says OPENQASM 2.
    bool is_version_2() const { return version_2_; }

  private:
    // parser.cpp: tokens, statements.
    void advance();
    bool accept(TokenKind kind);
    /// The braces around values, not around statements.
    bool accept_list();
    void close_list(std::string_view where);
    Token expect(TokenKind kind, std::string_view where);
    NameAt expect_name(std::string_view what);
    Place here() const { return {lexer_.source(), current_.offset}; }
    Place place_of(const Token& token) const { return {lexer_.source(), token.offset}; }
    [[noreturn]] void fail(std::string message, std::string hint = {}) const;
    [[noreturn]] void fail_expected(std::string_view what, std::string_view where,
                                    std::string hint = {}) const;
    [[noreturn]] void fail_expected_of(const NameAt& name, std::string_view what,
                                       std::string_view where) const;
    void parse_version();
    NameAt recover();
    std::optional<Statement> parse_or_recover();
    Statement parse_statement();
    std::optional<StatementKind> parse_declaration();
    StatementKind parse_kind();
    Block parse_block();
    Block parse_body();
    StatementKind parse_gate_call();
    std::vector<Modifier> parse_modifiers();
    StatementKind parse_named();
    StatementKind parse_measure();
    StatementKind parse_delay();
    StatementKind parse_if();
    StatementKind parse_for();
    void end_statement(std::string_view what);
    StatementKind parse_while();
    StatementKind parse_switch();
    void parse_cases(SwitchStatement& choice);
    /// Past the '}' of the block whose '{' is behind; a failed statement ends there.
    void skip_block();
    StatementKind parse_exit();
    StatementKind parse_box();
    StatementKind parse_assignment(NameAt name);
    [[noreturn]] void refuse_keyword() const;

    // parser_declarations.cpp
    StatementKind parse_register(bool is_quantum, bool old_style);
    StatementKind parse_bit_declaration(NameAt name, ExpressionPtr size);
    StatementKind parse_variable();
    ArrayType parse_array_type();
    ArrayValue parse_array_value();
    StatementKind parse_array();
    SubroutineDefinition::Parameter parse_parameter();
    StatementKind parse_subroutine();
    StatementKind parse_opaque();
    StatementKind parse_const();
    StatementKind parse_input();
    StatementKind parse_output();
    StatementKind parse_alias();
    StatementKind parse_gate_definition();
    TypeName parse_scalar_type();

    // parser_expressions.cpp
    Expression parse_expression(int lowest_precedence = 0);
    Expression parse_operand();
    Expression parse_literal();
    Expression parse_called_or_named();
    ExpressionPtr parse_boxed();
    ExpressionPtr parse_assigned();
    Reference parse_reference(NameAt name);
    Reference parse_reference();
    std::vector<Reference> parse_references();
    std::vector<NameAt> parse_names(std::string_view what);
    IndexItem parse_index();
    Range parse_range_from(ExpressionPtr first);
    std::vector<Expression> parse_arguments();
    std::string_view string_content(const Token& token) const;
    ExpressionKind integer_value(const Token& token) const;
    double real_value(std::string_view digits, const Token& token) const;

    /// Counts blocks and expressions inside each other.
    struct Nesting {
        Nesting(Parser& parser, int& depth, int limit, std::string_view what);
        ~Nesting() { --depth_; }
        Nesting(const Nesting&) = delete;
        Nesting& operator=(const Nesting&) = delete;
        int& depth_;
    };

    Lexer lexer_;
    Report& report_;
    const ReadOptions& options_;
    Token current_;
    /// The one before.
    Token before_;
    /// The first name of the statement so far, where the grammar asks for one.
    NameAt name_in_hand_;
    bool version_2_;
    bool started_ = false;
    int block_depth_ = 0;
    /// Braces of lists of values that are open.
    int list_depth_ = 0;
    /// The failed statement is behind already.
    bool is_passed_ = false;
    int expression_depth_ = 0;
};

}  // namespace qdcnn::qasm
