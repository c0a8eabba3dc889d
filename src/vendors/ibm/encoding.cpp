#include <fmt/format.h>
#include <openssl/evp.h>
#include <zlib.h>

#include <algorithm>
#include <limits>

#include "qdcnn/base/error.h"
#include "qdcnn/vendors/ibm/typed_json.h"

// Base64 by OpenSSL and deflate by zlib.

namespace qdcnn::vendors::ibm {
namespace {

/// OpenSSL counts in int.
constexpr std::size_t kMostText = std::size_t{1} << 30;

bool is_base64_digit(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
}

/// zlib's state, which wants to be ended.
class Inflater {
  public:
    Inflater() {
        if (inflateInit(&stream_) != Z_OK) throw Error(ErrorKind::out_of_memory, "zlib has no memory");
    }
    ~Inflater() { inflateEnd(&stream_); }
    Inflater(const Inflater&) = delete;
    Inflater& operator=(const Inflater&) = delete;

    z_stream& stream() { return stream_; }

  private:
    z_stream stream_{};
};

}  // namespace

std::string to_base64(const std::vector<std::uint8_t>& bytes) {
    if (bytes.size() > kMostText / 4 * 3)
        throw Error(ErrorKind::invalid_input, fmt::format("{} bytes are too many for base64", bytes.size()));
    // One more for the NUL that OpenSSL puts behind.
    std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');
    EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), bytes.data(),
                    static_cast<int>(bytes.size()));
    text.pop_back();
    return text;
}

std::vector<std::uint8_t> from_base64(const std::string& text) {
    const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
    const std::size_t digits = text.size() - padding;
    // OpenSSL would skip blanks and stop at a line end.
    if (text.size() % 4 != 0 || text.size() > kMostText ||
        !std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(digits), is_base64_digit))
        throw Error(ErrorKind::invalid_input, fmt::format("these {} characters are no base64", text.size()));
    std::vector<std::uint8_t> bytes(text.size() / 4 * 3);
    if (text.empty()) return bytes;
    if (EVP_DecodeBlock(bytes.data(), reinterpret_cast<const unsigned char*>(text.data()),
                        static_cast<int>(text.size())) < 0)
        throw Error(ErrorKind::invalid_input, fmt::format("these {} characters are no base64", text.size()));
    bytes.resize(bytes.size() - padding);
    return bytes;
}

std::vector<std::uint8_t> deflate(const std::vector<std::uint8_t>& bytes) {
    uLongf size = compressBound(static_cast<uLong>(bytes.size()));
    std::vector<std::uint8_t> packed(size);
    if (compress(packed.data(), &size, bytes.data(), static_cast<uLong>(bytes.size())) != Z_OK)
        throw Error(ErrorKind::out_of_memory, "zlib has no memory");
    packed.resize(size);
    return packed;
}

std::vector<std::uint8_t> inflate(const std::vector<std::uint8_t>& bytes, std::size_t max_bytes) {
    if (bytes.size() > std::numeric_limits<uInt>::max())
        throw Error(ErrorKind::invalid_input, fmt::format("{} compressed bytes are too many", bytes.size()));
    Inflater inflater;
    z_stream& stream = inflater.stream();
    stream.next_in = const_cast<Bytef*>(bytes.data());  // zlib only reads it.
    stream.avail_in = static_cast<uInt>(bytes.size());
    std::vector<std::uint8_t> out;
    std::vector<std::uint8_t> chunk(std::size_t{1} << 16);
    int status = Z_OK;
    while (status == Z_OK) {
        stream.next_out = chunk.data();
        stream.avail_out = static_cast<uInt>(chunk.size());
        status = ::inflate(&stream, Z_NO_FLUSH);
        const std::size_t made = chunk.size() - stream.avail_out;
        if (made > max_bytes - out.size())
            throw Error(ErrorKind::invalid_input,
                        fmt::format("{} compressed bytes unfold to more than the {} that are allowed",
                                    bytes.size(), max_bytes));
        out.insert(out.end(), chunk.begin(), chunk.begin() + static_cast<std::ptrdiff_t>(made));
    }
    if (status != Z_STREAM_END || stream.avail_in != 0)
        throw Error(ErrorKind::invalid_input,
                    fmt::format("these {} bytes are no zlib stream, or one that is cut off", bytes.size()));
    return out;
}

}  // namespace qdcnn::vendors::ibm
