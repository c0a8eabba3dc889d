#pragma once

#include <cstdint>
#include <deque>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "qdcnn/qasm/reader.h"

namespace qdcnn::qasm {

/// A byte of one of the texts being read.
struct Place {
    std::uint32_t source = 0;
    std::uint32_t offset = 0;
    auto operator<=>(const Place&) const = default;
};

/// The texts being read: the main one and those it includes. Views into them stay valid as long as this
/// lives.
class Sources {
  public:
    /// Returns the index. Throws Error(invalid_input) for a text of 4 GiB or more.
    std::uint32_t add(std::string name, std::string text);
    /// `text` must outlive this.
    std::uint32_t add_view(std::string name, std::string_view text);

    std::string_view text(std::uint32_t source) const { return texts_[source].text; }
    const std::string& name(std::uint32_t source) const { return texts_[source].name; }
    /// Columns count characters (code points), not bytes.
    Position position(Place place) const;
    /// The line (a window of it when it is long) and a caret; never bytes that are not printable UTF-8.
    std::string excerpt(Place place) const;

  private:
    struct Text {
        std::string name;
        std::string owned;
        std::string_view text;
    };
    std::deque<Text> texts_;
};

/// Thrown inside the reader; becomes a Diagnostic, or an Error at the first.
struct Failure {
    ErrorKind kind;
    std::string message;
    Place place;
    std::string hint = {};
    /// A follow-up of an error already reported.
    bool is_echo = false;
    /// Depends on the values of a gate's angles, so it does not show that the gate's definition is wrong.
    bool depends_on_values = false;
    /// A limit on the whole program is reached: nothing more of it is carried out.
    bool is_final = false;
};

/// Where failures go.
class Report {
  public:
    Report(const Sources& sources, bool stop_at_first, std::size_t limit)
        : sources_(sources), stop_at_first_(stop_at_first), limit_(limit) {}

    /// Records the failure. Throws it as an Error when only the first counts.
    void add(const Failure& failure);
    bool full() const { return diagnostics_.size() >= limit_; }
    std::vector<Diagnostic> take() { return std::move(diagnostics_); }

  private:
    const Sources& sources_;
    bool stop_at_first_;
    std::size_t limit_;
    std::vector<Diagnostic> diagnostics_;
    std::set<std::pair<Place, std::string>> seen_;
};

/// Also failures that no statement catches, such as those of the end of the text.
template <class Function>
void reporting(Report& report, Function function) {
    try {
        function();
    } catch (const Failure& failure) {
        report.add(failure);
    }
}

/// The length in bytes of the UTF-8 character at text[offset], and its code point; {0, 0} when it is not
/// valid.
struct Character {
    std::uint32_t length;
    char32_t code;
};
Character decode_utf8(std::string_view text, std::size_t offset);

}  // namespace qdcnn::qasm
