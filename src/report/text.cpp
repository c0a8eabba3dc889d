#include "report/text.h"

#include <fmt/format.h>

namespace qdcnn::report {
namespace {

constexpr char32_t kReplacement = 0xFFFD;

/// Bytes that follow a leading byte; -1 for a byte that leads nothing.
int following_bytes(unsigned char lead) {
    if (lead < 0x80) return 0;
    if (lead >= 0xC2 && lead < 0xE0) return 1;
    if (lead >= 0xE0 && lead < 0xF0) return 2;
    if (lead >= 0xF0 && lead < 0xF5) return 3;
    return -1;
}

/// Overlong forms, surrogates and what lies past the end of Unicode.
bool is_scalar(char32_t code, int following) {
    constexpr char32_t kLeast[] = {0, 0x80, 0x800, 0x10000};
    return code >= kLeast[following] && code <= 0x10FFFF && (code < 0xD800 || code > 0xDFFF);
}

char32_t next_code_point(std::string_view text, std::size_t& position) {
    const auto lead = static_cast<unsigned char>(text[position++]);
    const int following = following_bytes(lead);
    if (following == 0) return lead;
    if (following < 0) return kReplacement;
    char32_t code = lead & (0x3Fu >> following);
    std::size_t end = position;
    for (int k = 0; k < following; ++k, ++end) {
        if (end >= text.size() || (static_cast<unsigned char>(text[end]) & 0xC0u) != 0x80u)
            return kReplacement;
        code = (code << 6) | (static_cast<unsigned char>(text[end]) & 0x3Fu);
    }
    if (!is_scalar(code, following)) return kReplacement;
    position = end;
    return code;
}

void append_utf8(std::string& text, char32_t code) {
    const auto tail = [&](int shift) { text += static_cast<char>(0x80u | ((code >> shift) & 0x3Fu)); };
    if (code < 0x80) {
        text += static_cast<char>(code);
    } else if (code < 0x800) {
        text += static_cast<char>(0xC0u | (code >> 6));
        tail(0);
    } else if (code < 0x10000) {
        text += static_cast<char>(0xE0u | (code >> 12));
        tail(6), tail(0);
    } else {
        text += static_cast<char>(0xF0u | (code >> 18));
        tail(12), tail(6), tail(0);
    }
}

}  // namespace

std::u32string to_code_points(std::string_view text) {
    std::u32string codes;
    for (std::size_t position = 0; position < text.size();) codes += next_code_point(text, position);
    return codes;
}

std::string to_utf8(std::u32string_view text) {
    std::string utf8;
    for (const char32_t code : text) append_utf8(utf8, code);
    return utf8;
}

std::size_t width_of(std::string_view text) { return to_code_points(text).size(); }

std::string escape(std::string_view text) {
    std::string escaped;
    for (const char32_t code : to_code_points(text)) {
        switch (code) {
            case '&':
                escaped += "&amp;";
                break;
            case '<':
                escaped += "&lt;";
                break;
            case '>':
                escaped += "&gt;";
                break;
            case '"':
                escaped += "&quot;";
                break;
            case '\'':
                escaped += "&#39;";
                break;
            default: {
                const bool is_forbidden = (code < 0x20 && code != '\t' && code != '\n' && code != '\r') ||
                                          code == 0xFFFE || code == 0xFFFF;
                append_utf8(escaped, is_forbidden ? kReplacement : code);
            }
        }
    }
    return escaped;
}

std::string coordinate(double value) {
    std::string text = fmt::format("{:.2f}", value);
    while (text.back() == '0') text.pop_back();
    if (text.back() == '.') text.pop_back();
    return text == "-0" ? "0" : text;
}

}  // namespace qdcnn::report
