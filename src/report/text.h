#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace qdcnn::report {

/// Escaped for XML text and attributes. Control characters that XML 1.0 cannot hold become U+FFFD, as do
/// bytes that are no UTF-8.
std::string escape(std::string_view text);

/// Code points of UTF-8.
std::size_t width_of(std::string_view text);

/// The UTF-8 text as code points (U+FFFD where it is none), and back.
std::u32string to_code_points(std::string_view text);
std::string to_utf8(std::u32string_view text);

/// Two decimals at most, without trailing zeros: coordinates.
std::string coordinate(double value);

}  // namespace qdcnn::report
