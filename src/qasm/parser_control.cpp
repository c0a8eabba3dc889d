#include <fmt/format.h>

#include <utility>

#include "parser.h"

// Branches, loops, what leaves them, boxes.
namespace qdcnn::qasm {

using T = TokenKind;

StatementKind Parser::parse_if() {
    advance();
    expect(T::left_paren, "after if");
    IfStatement branch{parse_expression(), {}, {}};
    expect(T::right_paren, "after the condition");
    branch.then_body = parse_body();
    if (current_.kind == T::kw_else) {
        advance();
        branch.else_body = parse_body();
    }
    return branch;
}

StatementKind Parser::parse_while() {
    advance();
    expect(T::left_paren, "after while");
    WhileStatement loop{parse_expression(), {}};
    expect(T::right_paren, "after the condition");
    loop.body = parse_body();
    return loop;
}

StatementKind Parser::parse_switch() {
    advance();
    expect(T::left_paren, "after switch");
    SwitchStatement choice{parse_expression(), {}, {}};
    expect(T::right_paren, "after the value that is switched on");
    expect(T::left_brace, "to open the cases");
    try {
        parse_cases(choice);
    } catch (const Failure&) {
        skip_block();
        throw;
    }
    expect(T::right_brace, "to close the switch");
    return choice;
}

void Parser::parse_cases(SwitchStatement& choice) {
    bool has_default = false;
    while (current_.kind != T::right_brace && !report_.full()) {
        if (has_default) fail("default is the last of the cases");
        if (accept(T::kw_default)) {
            has_default = true;
            choice.otherwise = parse_block();
            continue;
        }
        if (!accept(T::kw_case)) fail_expected("case or default", "in the switch");
        SwitchStatement::Case one;
        do {
            one.labels.push_back(parse_expression());
        } while (accept(T::comma) && current_.kind != T::left_brace);
        if (current_.kind == T::colon) fail_expected("'{'", "after the labels", "case 0 { x q[0]; }");
        one.body = parse_block();
        choice.cases.push_back(std::move(one));
    }
}

StatementKind Parser::parse_exit() {
    ExitStatement leave{ExitKind::end_program, nullptr};
    if (current_.kind == T::kw_break) leave.kind = ExitKind::break_loop;
    if (current_.kind == T::kw_continue) leave.kind = ExitKind::continue_loop;
    const bool returns = current_.kind == T::kw_return;
    if (returns) leave.kind = ExitKind::leave_subroutine;
    const std::string word(lexer_.text_of(current_));
    advance();
    if (returns && current_.kind != T::semicolon) leave.value = parse_assigned();
    end_statement(word);
    return leave;
}

StatementKind Parser::parse_box() {
    advance();
    BoxStatement box;
    if (accept(T::left_bracket)) {
        box.duration = parse_boxed();
        expect(T::right_bracket, "after the duration of the box");
    }
    box.body = parse_block();
    return box;
}

StatementKind Parser::parse_for() {
    advance();
    if (current_.kind == T::left_paren) {
        const Place place = here();
        while (current_.kind != T::right_paren && current_.kind != T::left_brace &&
               current_.kind != T::end_of_text)
            advance();
        throw Failure{ErrorKind::parse, "expected the type of the loop variable, found '('", place,
                      "for int i in [0:2] { x q[i]; }"};
    }
    // A draft of the language had `for i in`, and some programs still do.
    std::optional<TypeName> type;
    if (current_.kind != T::identifier) type = parse_scalar_type();
    ForStatement loop{std::move(type), expect_name("a loop variable"), {}, {}};
    expect(T::kw_in, "after the loop variable");
    if (accept_list()) {
        Set values;
        if (current_.kind != T::right_brace) do {
                values.push_back(parse_expression());
            } while (accept(T::comma) && current_.kind != T::right_brace);
        close_list("after the values of the loop");
        loop.values = std::move(values);
    } else if (accept(T::left_bracket)) {
        ExpressionPtr first = parse_boxed();
        if (current_.kind != T::colon) fail_expected("':'", "in the range");
        loop.values = parse_range_from(std::move(first));
        expect(T::right_bracket, "after the range");
    } else {
        loop.values = parse_boxed();
        if (current_.kind == T::colon) fail_expected("a block or statement", "here", "A range: [0:2].");
    }
    loop.body = parse_body();
    return loop;
}

}  // namespace qdcnn::qasm
