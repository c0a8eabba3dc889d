#pragma once

#include <string_view>

#include "source.h"
#include "token.h"

namespace qdcnn::qasm {

/// Cuts a text into tokens, one at a time, without copying.
class Lexer {
  public:
    Lexer(const Sources& sources, std::uint32_t source) : text_(sources.text(source)), source_(source) {
        if (text_.starts_with("\xEF\xBB\xBF")) position_ = 3;
    }

    /// The next token; end_of_text for ever at the end. Throws Failure(parse) past a piece that is none.
    Token next();
    /// From the end of `token` to the end of the line, which it moves past.
    std::string_view rest_of_line(const Token& token);
    /// Whether a name begins right behind `token`.
    bool begins_name_after(const Token& token) const {
        return identifier_character(token.offset + token.length, true) != 0;
    }
    bool is_line_between(const Token& first, const Token& second) const {
        const std::size_t begin = first.offset + first.length;
        return text_.substr(begin, second.offset - begin).find('\n') != std::string_view::npos;
    }
    void set_version_2(bool version_2) { version_2_ = version_2; }

    std::string_view text_of(const Token& token) const { return text_.substr(token.offset, token.length); }
    std::uint32_t source() const { return source_; }

  private:
    char at(std::size_t offset) const { return offset < text_.size() ? text_[offset] : '\0'; }
    void skip_blanks();
    void skip_block_comment();
    Token word();
    Token number();
    Token string();
    Token physical_qubit();
    Token punctuation();
    Token finish(TokenKind kind, std::size_t begin) const;
    /// The length of the identifier character at the offset, 0 when it is none.
    std::uint32_t identifier_character(std::size_t offset, bool first) const;
    /// The length of a time unit at the offset that ends there, else 0.
    std::uint32_t time_unit(std::size_t offset) const;
    [[noreturn]] void fail(std::size_t offset, std::string message, std::string hint = {}) const;

    std::string_view text_;
    std::uint32_t source_;
    std::size_t position_ = 0;
    bool version_2_ = false;
};

}  // namespace qdcnn::qasm
