#include "lexer.h"

#include <fmt/format.h>

#include <algorithm>

namespace qdcnn::qasm {
namespace {

using T = TokenKind;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

/// The language takes Unicode letters. This takes every character beyond ASCII but for blanks, punctuation,
/// symbols and private areas, which is the same for the scripts people write in.
bool is_letter(char32_t code) {
    if (code < 0xAA || code == 0xAB || code == 0xAC || code == 0xBB || code == 0xD7 || code == 0xF7)
        return false;
    if (code < 0xC0) return code == 0xAA || code == 0xB5 || code == 0xBA;
    // U+2107 is Euler's number of the language.
    if (code == 0x2107) return true;
    return !(code >= 0x2000 && code < 0x2E80) && !(code >= 0x3000 && code < 0x3005) &&
           !(code >= 0xE000 && code < 0xF900) && code != 0xFEFF && !(code >= 0xFFF0 && code < 0x10000) &&
           code < 0xE0000;
}

// So that names can be shown in messages and compared with others.
constexpr std::size_t kLongestName = 255;

struct Operator {
    std::string_view text;
    TokenKind kind;
};

// Longest first where one begins with another.
constexpr Operator kOperators[] = {{"**=", T::compound_assign},
                                   {"<<=", T::compound_assign},
                                   {">>=", T::compound_assign},
                                   {"->", T::arrow},
                                   {"==", T::equal},
                                   {"!=", T::not_equal},
                                   {"<=", T::less_equal},
                                   {">=", T::greater_equal},
                                   {"&&", T::logical_and},
                                   {"||", T::logical_or},
                                   {"**", T::power},
                                   {"++", T::concatenate},
                                   {"<<", T::shift_left},
                                   {">>", T::shift_right},
                                   {"+=", T::compound_assign},
                                   {"-=", T::compound_assign},
                                   {"*=", T::compound_assign},
                                   {"/=", T::compound_assign},
                                   {"&=", T::compound_assign},
                                   {"|=", T::compound_assign},
                                   {"^=", T::compound_assign},
                                   {"%=", T::compound_assign},
                                   {"~=", T::compound_assign},
                                   {"=", T::assign},
                                   {"+", T::plus},
                                   {"-", T::minus},
                                   {"*", T::star},
                                   {"/", T::slash},
                                   {"%", T::percent},
                                   {"<", T::less},
                                   {">", T::greater},
                                   {"!", T::logical_not},
                                   {"&", T::bit_and},
                                   {"|", T::bit_or},
                                   {"^", T::bit_xor},
                                   {"~", T::bit_not}};

}  // namespace

void Lexer::fail(std::size_t offset, std::string message, std::string hint) const {
    throw Failure{
        ErrorKind::parse, std::move(message), {source_, static_cast<std::uint32_t>(offset)}, std::move(hint)};
}

Token Lexer::finish(TokenKind kind, std::size_t begin) const {
    return {kind, static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(position_ - begin)};
}

void Lexer::skip_block_comment() {
    const std::size_t begin = position_;
    const std::size_t end = text_.find("*/", position_ + 2);
    position_ = end == std::string_view::npos ? text_.size() : end + 2;
    if (end == std::string_view::npos) fail(begin, "this comment has no end", "Close it with */.");
}

void Lexer::skip_blanks() {
    while (position_ < text_.size()) {
        const char c = text_[position_];
        if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v') {
            ++position_;
        } else if (c == '/' && at(position_ + 1) == '/') {
            position_ = std::min(text_.find('\n', position_), text_.size());
        } else if (c == '/' && at(position_ + 1) == '*') {
            skip_block_comment();
        } else {
            return;
        }
    }
}

std::uint32_t Lexer::identifier_character(std::size_t offset, bool first) const {
    if (offset >= text_.size()) return 0;
    const char c = text_[offset];
    if (is_letter(c) || (!first && is_digit(c))) return 1;
    if (static_cast<unsigned char>(c) < 0x80) return 0;
    const Character character = decode_utf8(text_, offset);
    return character.length != 0 && is_letter(character.code) ? character.length : 0;
}

Token Lexer::next() {
    skip_blanks();
    const std::size_t begin = position_;
    if (begin >= text_.size()) return finish(T::end_of_text, begin);
    const char c = text_[begin];
    if (is_letter(c)) return word();
    if (is_digit(c) || (c == '.' && is_digit(at(begin + 1)))) return number();
    if (c == '"' || c == '\'') return string();
    if (c == '$') return physical_qubit();
    if (c == '#') {
        ++position_;
        while (is_letter(at(position_))) ++position_;
        if (text_.substr(begin, position_ - begin) == "#pragma") return finish(T::pragma, begin);
        if (text_.substr(begin, position_ - begin) == "#dim") return finish(T::dim, begin);
        fail(begin, "'#' begins a pragma only", "Comments begin with //.");
    }
    if (static_cast<unsigned char>(c) < 0x80) return punctuation();
    if (identifier_character(begin, true) != 0) return word();
    const Character character = decode_utf8(text_, begin);
    position_ += std::max<std::uint32_t>(character.length, 1);
    if (character.length == 0)
        fail(begin, fmt::format("byte 0x{:02X} is not valid UTF-8", static_cast<unsigned char>(c)),
             "The text must be UTF-8.");
    fail(begin,
         fmt::format("character U+{:04X} has no meaning here", static_cast<std::uint32_t>(character.code)));
}

Token Lexer::word() {
    const std::size_t begin = position_;
    for (std::uint32_t length; (length = identifier_character(position_, false)) != 0;) position_ += length;
    const std::string_view text = text_.substr(begin, position_ - begin);
    if (text.size() > kLongestName)
        fail(begin, fmt::format("a name has {} bytes; at most {} are read", text.size(), kLongestName));
    if (!version_2_ && text == "pragma") return finish(T::pragma, begin);
    return finish(keyword_kind(text, version_2_), begin);
}

std::uint32_t Lexer::time_unit(std::size_t offset) const {
    constexpr std::string_view kBeginnings = "numds\xC2\xCE";
    if (kBeginnings.find(at(offset)) == std::string_view::npos) return 0;
    for (const std::string_view unit : {"ns", "us", "\xC2\xB5s", "\xCE\xBCs", "ms", "dt", "s"})
        if (text_.substr(offset, unit.size()) == unit &&
            identifier_character(offset + unit.size(), false) == 0)
            return static_cast<std::uint32_t>(unit.size());
    return 0;
}

Token Lexer::number() {
    const std::size_t begin = position_;
    const auto skip_digits = [&](auto is_one) {
        while (is_one(at(position_)) || (at(position_) == '_' && is_one(at(position_ + 1)))) ++position_;
    };
    const char base = at(begin) == '0' ? at(begin + 1) : '\0';
    TokenKind kind = T::integer;
    bool is_decimal = false;
    if (base == 'x' || base == 'X' || base == 'b' || base == 'B' || base == 'o') {
        position_ += 2;
        skip_digits([](char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); });
        if (position_ == begin + 2) fail(begin, "a number has no digits after its base");
    } else {
        is_decimal = true;
        skip_digits(is_digit);
        if (at(position_) == '.') {
            kind = T::real;
            ++position_;
            skip_digits(is_digit);
        }
        const std::size_t sign = at(position_ + 1) == '+' || at(position_ + 1) == '-' ? 2 : 1;
        if ((at(position_) == 'e' || at(position_) == 'E') && is_digit(at(position_ + sign))) {
            kind = T::real;
            position_ += sign;
            skip_digits(is_digit);
        }
    }
    if (is_decimal && !version_2_) {
        std::size_t unit = position_;
        while (at(unit) == ' ' || at(unit) == '\t') ++unit;
        if (const std::uint32_t length = time_unit(unit); length != 0) {
            position_ = unit + length;
            return finish(T::duration, begin);
        }
        if (text_.substr(position_, 2) == "im" && identifier_character(position_ + 2, false) == 0) {
            position_ += 2;
            return finish(T::imaginary, begin);
        }
    }
    if (identifier_character(position_, false) != 0)
        fail(position_, "a number runs into a name", "Put a blank or an operator between them.");
    return finish(kind, begin);
}

Token Lexer::string() {
    const std::size_t begin = position_;
    const char quote = text_[begin];
    const std::size_t end = text_.find_first_of(quote == '"' ? "\"\n" : "'\n", begin + 1);
    if (end == std::string_view::npos || text_[end] == '\n') {
        position_ = std::min(end, text_.size());
        fail(begin, "this string has no end", "Close it on the same line.");
    }
    position_ = end + 1;
    return finish(T::string, begin);
}

Token Lexer::physical_qubit() {
    const std::size_t begin = position_++;
    while (is_digit(at(position_))) ++position_;
    if (position_ == begin + 1) fail(begin, "'$' needs the number of a physical qubit, as in $0");
    return finish(T::physical_qubit, begin);
}

Token Lexer::punctuation() {
    const std::size_t begin = position_;
    // The marks that most tokens are and that begin no longer operator.
    constexpr std::string_view kMarks = ";,()[]{}:@";
    constexpr TokenKind kKinds[] = {
        T::semicolon,     T::comma,      T::left_paren,  T::right_paren, T::left_bracket,
        T::right_bracket, T::left_brace, T::right_brace, T::colon,       T::at};
    if (const std::size_t mark = kMarks.find(text_[begin]); mark != std::string_view::npos) {
        ++position_;
        return finish(kKinds[mark], begin);
    }
    for (const Operator& candidate : kOperators)
        if (candidate.text[0] == text_[begin] &&
            text_.compare(begin, candidate.text.size(), candidate.text) == 0) {
            position_ += candidate.text.size();
            return finish(candidate.kind, begin);
        }
    ++position_;
    const auto byte = static_cast<unsigned char>(text_[begin]);
    if (byte < 0x20 || byte == 0x7F)
        fail(begin, fmt::format("byte 0x{:02X} has no place in a program", byte));
    fail(begin, fmt::format("character '{}' has no meaning here", text_[begin]));
}

std::string_view Lexer::rest_of_line(const Token& token) {
    const std::size_t begin = token.offset + token.length;
    position_ = std::min(text_.find('\n', begin), text_.size());
    return text_.substr(begin, position_ - begin);
}

}  // namespace qdcnn::qasm
