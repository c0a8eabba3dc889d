#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace qdcnn::qasm {

enum class TokenKind : std::uint8_t {
    bad,
    end_of_text,
    identifier,
    physical_qubit,
    integer,
    real,
    duration,
    imaginary,
    string,
    // Punctuation.
    semicolon,
    comma,
    colon,
    left_paren,
    right_paren,
    left_bracket,
    right_bracket,
    left_brace,
    right_brace,
    at,
    arrow,
    assign,
    compound_assign,
    plus,
    minus,
    star,
    slash,
    percent,
    power,
    concatenate,
    equal,
    not_equal,
    less,
    less_equal,
    greater,
    greater_equal,
    logical_and,
    logical_or,
    logical_not,
    bit_and,
    bit_or,
    bit_xor,
    bit_not,
    shift_left,
    shift_right,
    // A whole line.
    pragma,
    // #dim
    dim,
    // Words of every version.
    kw_openqasm,
    kw_include,
    kw_qreg,
    kw_creg,
    kw_gate,
    kw_measure,
    kw_reset,
    kw_barrier,
    kw_if,
    kw_opaque,
    // Words of version 3.
    kw_qubit,
    kw_bit,
    kw_bool,
    kw_int,
    kw_uint,
    kw_float,
    kw_angle,
    kw_complex,
    kw_duration,
    kw_stretch,
    kw_array,
    kw_const,
    kw_input,
    kw_output,
    kw_let,
    kw_else,
    kw_for,
    kw_in,
    kw_delay,
    kw_true,
    kw_false,
    kw_inv,
    kw_pow,
    kw_ctrl,
    kw_negctrl,
    kw_gphase,
    kw_while,
    kw_switch,
    kw_case,
    kw_default,
    kw_break,
    kw_continue,
    kw_end,
    kw_return,
    kw_def,
    kw_extern,
    kw_defcal,
    kw_cal,
    kw_defcalgrammar,
    kw_box,
    kw_durationof,
    kw_sizeof,
    kw_nop,
    kw_readonly,
    kw_mutable,
    kw_void
};  // clang-format keeps the groups

struct Token {
    TokenKind kind = TokenKind::bad;
    std::uint32_t offset = 0;
    std::uint32_t length = 0;
};

/// The keyword's kind, or identifier. Version 2 has fewer words.
TokenKind keyword_kind(std::string_view word, bool version_2);

/// How a message names it: "';'", "a name", "keyword while".
std::string describe(TokenKind kind);

/// Whether a program may use the word as a name in both versions: letters, digits and _, no keyword, no
/// built-in constant or function.
bool is_plain_name(std::string_view word);

}  // namespace qdcnn::qasm
