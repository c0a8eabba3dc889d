#pragma once

#include <complex>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "qdcnn/base/json.h"

// IBM's typed JSON: {"__type__": "ndarray", "__value__": ...}. The client reads what the service writes, the
// local server what clients write; neither trusts the other.

namespace qdcnn::vendors::ibm {

/// Elements of numpy arrays.
enum class ElementType : std::uint8_t {
    boolean,
    i8,
    i16,
    i32,
    i64,
    u8,
    u16,
    u32,
    u64,
    f16,
    f32,
    f64,
    c64,
    c128
};

/// Bytes of one element.
std::size_t size_of(ElementType type);

/// An array of numbers, its last axis fastest (C order), elements little-endian as they stand in npy files.
/// Without axes it is one number.
struct NdArray {
    ElementType type = ElementType::f64;
    std::vector<std::size_t> shape{};
    std::vector<std::uint8_t> bytes{};

    static NdArray of_doubles(std::vector<std::size_t> shape, const std::vector<double>& values);
    /// Elements in all: 1 without axes.
    std::size_t size() const;
    /// Element k as a number. Throws Error(invalid_input) for a complex one.
    double number(std::size_t k) const;
    std::complex<double> complex_number(std::size_t k) const;
    /// All as numbers.
    std::vector<double> numbers() const;
};

/// JSON as Python writes it: NaN, Infinity and -Infinity are numbers. Throws Error(parse).
nlohmann::json parse_python_json(const std::string& text, const std::string& name);

/// The value written so that Python reads it back: numbers that are not finite as NaN, Infinity, -Infinity.
std::string to_python_text(const nlohmann::json& value);
std::string to_python_text(const nlohmann::ordered_json& value);

/// {"__type__": type, "__value__": value}
nlohmann::json typed(const std::string& type, nlohmann::json value);
/// The value of what has that type. Throws Error(invalid_input) naming the path.
JsonView typed_value(const JsonView& json, const std::string& type);
/// The type's name; empty for what is no typed value.
std::string type_of(const JsonView& json);

/// base64(zlib(npy 1.0)) as a typed value.
nlohmann::json ndarray_to_json(const NdArray& array);
/// A typed ndarray, a number (no axes), or nested lists of numbers (f64; null is NaN). Throws
/// Error(invalid_input | unsupported) naming the path: no base64, no zlib, no npy, elements that are no
/// numbers, more bytes than `max_bytes` or than the header says, lists of unequal length.
NdArray ndarray_from_json(const JsonView& json, std::size_t max_bytes = std::size_t{1} << 30);

// The layers of the above, for other payloads of the service.

std::string to_base64(const std::vector<std::uint8_t>& bytes);
/// Throws Error(invalid_input), without the text.
std::vector<std::uint8_t> from_base64(const std::string& text);
std::vector<std::uint8_t> deflate(const std::vector<std::uint8_t>& bytes);
/// Throws Error(invalid_input): no zlib stream, one that is cut off, more than max_bytes behind it.
std::vector<std::uint8_t> inflate(const std::vector<std::uint8_t>& bytes, std::size_t max_bytes);
std::vector<std::uint8_t> to_npy(const NdArray& array);
NdArray from_npy(const std::vector<std::uint8_t>& bytes);

}  // namespace qdcnn::vendors::ibm
