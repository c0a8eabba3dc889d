#include "source.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace qdcnn::qasm {
namespace {

// An excerpt shows at most this many bytes before and after the caret.
constexpr std::size_t kWindow = 70;

std::size_t count_characters(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(
        text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

/// The text with everything that a terminal or JSON would trip over replaced by one character each.
std::string printable(std::string_view text) {
    std::string result;
    for (std::size_t i = 0; i < text.size();) {
        const Character character = decode_utf8(text, i);
        const bool control = character.code < 0x20 || (character.code >= 0x7F && character.code < 0xA0);
        if (character.length == 0 || control) {
            result += text[i] == '\t' ? ' ' : '?';
            i += std::max<std::uint32_t>(character.length, 1);
        } else {
            result += text.substr(i, character.length);
            i += character.length;
        }
    }
    return result;
}

}  // namespace

Character decode_utf8(std::string_view text, std::size_t offset) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[offset + i]); };
    const unsigned char lead = byte(0);
    if (lead < 0x80) return {1, lead};
    const std::uint32_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || offset + length > text.size()) return {0, 0};
    char32_t code = lead & (0xFF >> (length + 1));
    for (std::uint32_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xC0) != 0x80) return {0, 0};
        code = code << 6 | (byte(i) & 0x3F);
    }
    const bool overlong = (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
    if (overlong || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) return {0, 0};
    return {length, code};
}

std::uint32_t Sources::add(std::string name, std::string text) {
    Text& added = texts_.emplace_back();
    added.name = std::move(name);
    added.owned = std::move(text);
    added.text = added.owned;
    if (added.text.size() >= std::numeric_limits<std::uint32_t>::max())
        throw Error(ErrorKind::invalid_input, fmt::format("{} has 4 GiB or more", added.name));
    return static_cast<std::uint32_t>(texts_.size() - 1);
}

std::uint32_t Sources::add_view(std::string name, std::string_view text) {
    const std::uint32_t source = add(std::move(name), {});
    if (text.size() >= std::numeric_limits<std::uint32_t>::max())
        throw Error(ErrorKind::invalid_input, fmt::format("{} has 4 GiB or more", texts_[source].name));
    texts_[source].text = text;
    return source;
}

Position Sources::position(Place place) const {
    const std::string_view before = text(place.source).substr(0, place.offset);
    const std::size_t line_start = before.rfind('\n') + 1;
    return {name(place.source), static_cast<int>(std::count(before.begin(), before.end(), '\n')) + 1,
            static_cast<int>(count_characters(before.substr(line_start))) + 1};
}

std::string Sources::excerpt(Place place) const {
    const std::string_view all = text(place.source);
    const std::size_t offset = std::min<std::size_t>(place.offset, all.size());
    const std::size_t line_start = offset == 0 ? 0 : all.rfind('\n', offset - 1) + 1;
    std::size_t line_end = all.find('\n', offset);
    if (line_end == std::string_view::npos) line_end = all.size();
    const bool cut_left = offset - line_start > kWindow;
    const bool cut_right = line_end - offset > kWindow;
    const std::size_t first = cut_left ? offset - kWindow : line_start;
    const std::size_t last = cut_right ? offset + kWindow : line_end;
    const std::string before = (cut_left ? "..." : "") + printable(all.substr(first, offset - first));
    const std::string after = printable(all.substr(offset, last - offset)) + (cut_right ? "..." : "");
    return fmt::format("    {}{}\n    {}^", before, after, std::string(count_characters(before), ' '));
}

void Report::add(const Failure& failure) {
    if (failure.is_echo || full() || !seen_.emplace(failure.place, failure.message).second) return;
    const Position position = sources_.position(failure.place);
    const std::string excerpt = sources_.excerpt(failure.place);
    if (stop_at_first_)
        throw Error(failure.kind, failure.message + "\n" + excerpt, failure.hint).at(position);
    diagnostics_.push_back({failure.kind, position, failure.message, failure.hint, excerpt});
}

}  // namespace qdcnn::qasm
