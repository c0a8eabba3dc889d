#include "qdcnn/text/tokens.h"

#include <cstdint>

namespace qdcnn::text {
namespace {

constexpr std::string_view kSeparators = " \t\n\r\v\f,;.!:'?-()[]{}";

/// Length of the well-formed sequence at the start of `bytes`, 0 when there is none.
std::size_t sequence_length(std::string_view bytes) {
    const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(bytes[i]); };
    const std::uint8_t lead = byte(0);
    if (lead == 0) return 0;
    if (lead < 0x80) return 1;
    const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if (lead < 0xc2 || lead > 0xf4 || bytes.size() < length) return 0;
    for (std::size_t i = 1; i < length; ++i)
        if ((byte(i) & 0xc0) != 0x80) return 0;
    // Overlong forms, surrogates and what lies past U+10FFFF show in the second byte.
    if (lead == 0xe0 && byte(1) < 0xa0) return 0;
    if (lead == 0xed && byte(1) > 0x9f) return 0;
    if (lead == 0xf0 && byte(1) < 0x90) return 0;
    if (lead == 0xf4 && byte(1) > 0x8f) return 0;
    return length;
}

}  // namespace

std::vector<std::string> tokenise(std::string_view sentence) {
    std::vector<std::string> tokens;
    std::size_t start = sentence.find_first_not_of(kSeparators);
    while (start != std::string_view::npos) {
        const std::size_t end = sentence.find_first_of(kSeparators, start);
        tokens.emplace_back(sentence.substr(start, end - start));
        start = end == std::string_view::npos ? end : sentence.find_first_not_of(kSeparators, end);
    }
    return tokens;
}

bool is_plain_utf8(std::string_view bytes) {
    while (!bytes.empty()) {
        const std::size_t length = sequence_length(bytes);
        if (length == 0) return false;
        bytes.remove_prefix(length);
    }
    return true;
}

}  // namespace qdcnn::text
