#include "token.h"

#include <algorithm>
#include <array>
#include <unordered_map>

namespace qdcnn::qasm {
namespace {

using T = TokenKind;

struct Keyword {
    std::string_view word;
    TokenKind kind;
    bool in_version_2;
};

constexpr Keyword kKeywords[] = {
    {"OPENQASM", T::kw_openqasm, true},
    {"include", T::kw_include, true},
    {"qreg", T::kw_qreg, true},
    {"creg", T::kw_creg, true},
    {"gate", T::kw_gate, true},
    {"measure", T::kw_measure, true},
    {"reset", T::kw_reset, true},
    {"barrier", T::kw_barrier, true},
    {"if", T::kw_if, true},
    {"opaque", T::kw_opaque, true},
    {"qubit", T::kw_qubit, false},
    {"bit", T::kw_bit, false},
    {"bool", T::kw_bool, false},
    {"int", T::kw_int, false},
    {"uint", T::kw_uint, false},
    {"float", T::kw_float, false},
    {"angle", T::kw_angle, false},
    {"complex", T::kw_complex, false},
    {"duration", T::kw_duration, false},
    {"stretch", T::kw_stretch, false},
    {"array", T::kw_array, false},
    {"const", T::kw_const, false},
    {"input", T::kw_input, false},
    {"output", T::kw_output, false},
    {"let", T::kw_let, false},
    {"else", T::kw_else, false},
    {"for", T::kw_for, false},
    {"in", T::kw_in, false},
    {"delay", T::kw_delay, false},
    {"true", T::kw_true, false},
    {"false", T::kw_false, false},
    {"inv", T::kw_inv, false},
    {"pow", T::kw_pow, false},
    {"ctrl", T::kw_ctrl, false},
    {"negctrl", T::kw_negctrl, false},
    {"gphase", T::kw_gphase, false},
    {"while", T::kw_while, false},
    {"switch", T::kw_switch, false},
    {"case", T::kw_case, false},
    {"default", T::kw_default, false},
    {"break", T::kw_break, false},
    {"continue", T::kw_continue, false},
    {"end", T::kw_end, false},
    {"return", T::kw_return, false},
    {"def", T::kw_def, false},
    {"extern", T::kw_extern, false},
    {"defcal", T::kw_defcal, false},
    {"cal", T::kw_cal, false},
    {"defcalgrammar", T::kw_defcalgrammar, false},
    {"box", T::kw_box, false},
    {"durationof", T::kw_durationof, false},
    {"sizeof", T::kw_sizeof, false},
    {"nop", T::kw_nop, false},
    {"readonly", T::kw_readonly, false},
    {"mutable", T::kw_mutable, false},
    {"void", T::kw_void, false},
};

constexpr std::string_view kBuiltInNames[] = {
    "U",        "CX",     "pi",   "tau",  "euler", "sin",  "cos",     "tan",   "arcsin",
    "arccos",   "arctan", "exp",  "ln",   "log",   "sqrt", "ceiling", "floor", "mod",
    "popcount", "rotl",   "rotr", "real", "imag",  "im",   "pragma",  "dim"};

constexpr std::size_t kLongestKeyword = 13;

}  // namespace

TokenKind keyword_kind(std::string_view word, bool version_2) {
    static const auto by_word = [] {
        std::unordered_map<std::string_view, const Keyword*> map;
        for (const Keyword& keyword : kKeywords) map.emplace(keyword.word, &keyword);
        return map;
    }();
    if (word.size() < 2 || word.size() > kLongestKeyword) return T::identifier;
    const auto found = by_word.find(word);
    if (found == by_word.end() || (version_2 && !found->second->in_version_2)) return T::identifier;
    return found->second->kind;
}

std::string describe(TokenKind kind) {
    switch (kind) {
        case T::bad:
            return "a character that has no meaning here";
        case T::end_of_text:
            return "the end of the text";
        case T::identifier:
            return "a name";
        case T::physical_qubit:
            return "a physical qubit";
        case T::integer:
        case T::real:
            return "a number";
        case T::duration:
            return "a duration";
        case T::imaginary:
            return "an imaginary number";
        case T::string:
            return "a string";
        case T::semicolon:
            return "';'";
        case T::comma:
            return "','";
        case T::colon:
            return "':'";
        case T::left_paren:
            return "'('";
        case T::right_paren:
            return "')'";
        case T::left_bracket:
            return "'['";
        case T::right_bracket:
            return "']'";
        case T::left_brace:
            return "'{'";
        case T::right_brace:
            return "'}'";
        case T::at:
            return "'@'";
        case T::arrow:
            return "'->'";
        case T::assign:
            return "'='";
        case T::pragma:
            return "a pragma";
        case T::dim:
            return "'#dim'";
        default:
            break;
    }
    for (const Keyword& keyword : kKeywords)
        if (keyword.kind == kind) return "keyword " + std::string(keyword.word);
    return "an operator";
}

bool is_plain_name(std::string_view word) {
    const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
    if (word.empty() || !letter(word[0])) return false;
    if (!std::all_of(word.begin(), word.end(), [&](char c) { return letter(c) || (c >= '0' && c <= '9'); }))
        return false;
    if (keyword_kind(word, false) != T::identifier) return false;
    return std::find(std::begin(kBuiltInNames), std::end(kBuiltInNames), word) == std::end(kBuiltInNames);
}

}  // namespace qdcnn::qasm
