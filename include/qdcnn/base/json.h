#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace qdcnn {

/// Arrays and objects within each other.
inline constexpr std::size_t kMostJsonNesting = 500;

/// Reads JSON text. Throws Error(parse) with file, line and column; for a number too large for a double with
/// the file alone. Deeper than kMostJsonNesting is an error too, for what is written is written recursively.
nlohmann::json parse_json(const std::string& text, const std::string& file_name);

/// parse_json of the file's content.
nlohmann::json read_json_file(const std::string& path);

/// The value as JSON text, on one line unless indent >= 0. Bytes that are no UTF-8 become U+FFFD, so that
/// this never throws on what came from outside.
std::string to_text(const nlohmann::json& value, int indent = -1);
std::string to_text(const nlohmann::ordered_json& value, int indent = -1);

/// A value inside a document that knows its path there, so that "missing" and "wrong type" name the place:
/// `qubits[3].t1: expected a number, found a string`.
/// Refers to the document; keep that alive.
class JsonView {
  public:
    JsonView(const nlohmann::json& value, std::string path) : value_(&value), path_(std::move(path)) {}

    const nlohmann::json& value() const { return *value_; }
    const std::string& path() const { return path_; }

    bool has(const std::string& key) const;
    /// The member; throws Error(invalid_input) naming the path when this is no object or has no such key.
    JsonView at(const std::string& key) const;
    /// The element; throws likewise.
    JsonView at(std::size_t index) const;
    /// Length of an array; throws when it is none.
    std::size_t size() const;
    std::vector<JsonView> elements() const;
    /// Keys of an object, in the document's order of nlohmann::json (sorted).
    std::vector<std::string> keys() const;

    std::string text() const;
    double number() const;
    /// Throws also for a whole number past 2^63 - 1.
    std::int64_t integer() const;
    bool boolean() const;
    std::vector<double> numbers() const;
    std::vector<std::string> texts() const;

    /// Nothing where the key is missing or its value is no number.
    std::optional<double> number_if(const std::string& key) const;

    double number_or(const std::string& key, double otherwise) const;
    std::string text_or(const std::string& key, const std::string& otherwise) const;
    bool boolean_or(const std::string& key, bool otherwise) const;

    /// Throws Error(invalid_input): "<path>: <message>".
    [[noreturn]] void fail(const std::string& message) const;

  private:
    const nlohmann::json* value_;
    std::string path_;
};

}  // namespace qdcnn
