#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace qdcnn::text {

/// The tokens of a sentence, in order: what stands between ASCII white space, the marks , ; . ! : ' ? - and
/// the brackets ( ) [ ] { }. `_` stays, so a suffix such as `_N` is part of its token. Nothing is
/// lower-cased; bytes of UTF-8 pass through.
std::vector<std::string> tokenise(std::string_view sentence);

/// Whether the bytes are well-formed UTF-8 (RFC 3629) without NUL: what a sentence may be made of.
bool is_plain_utf8(std::string_view bytes);

}  // namespace qdcnn::text
