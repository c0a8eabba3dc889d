#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "qdcnn/base/error.h"
#include "qdcnn/text/dataset.h"
#include "qdcnn/text/tokens.h"

namespace qdcnn::text {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
constexpr std::string_view kBlanks = " \t\r\v\f";
constexpr const char* kForms =
    "A data file is CSV with the header label,text, or holds a label, blanks or a tab, and the sentence on "
    "each line.";

std::string_view trimmed(std::string_view text) {
    const std::size_t first = text.find_first_not_of(kBlanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

std::string lower(std::string_view text) {
    std::string result(text);
    for (char& c : result) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return result;
}

class Reader {
  public:
    Reader(std::string_view content, const std::string& name) : rest_(content) { dataset_.name = name; }

    Dataset read() {
        if (rest_.starts_with(kByteOrderMark)) rest_.remove_prefix(kByteOrderMark.size());
        skip_empty_lines();
        const std::string header = lower(trimmed(rest_.substr(0, rest_.find('\n'))));
        if (header == "label,text" || header == "text,label") {
            take_line();
            read_csv(header == "label,text");
        } else {
            read_lines();
        }
        if (dataset_.examples.empty())
            throw Error(ErrorKind::invalid_input, "there is no sentence in " + dataset_.name, kForms);
        return std::move(dataset_);
    }

  private:
    [[noreturn]] void fail(ErrorKind kind, const std::string& message, const std::string& hint,
                           int line) const {
        throw Error(kind, message, hint).at({dataset_.name, line, 0});
    }

    std::string_view take_line() {
        const std::size_t end = rest_.find('\n');
        const std::string_view line = rest_.substr(0, end);
        rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
        ++line_;
        return line;
    }

    void skip_empty_lines() {
        while (!rest_.empty() && trimmed(rest_.substr(0, rest_.find('\n'))).empty()) take_line();
    }

    void read_lines() {
        for (skip_empty_lines(); !rest_.empty(); skip_empty_lines()) {
            const std::string_view line = trimmed(take_line());
            // A tab parts even where the label has blanks of its own.
            const std::size_t tab = line.find('\t');
            const std::size_t blank = tab == std::string_view::npos ? line.find_first_of(kBlanks) : tab;
            const std::string_view label = line.substr(0, blank);
            if (label.find(',') != std::string_view::npos)
                fail(ErrorKind::parse, fmt::format("the label would be \"{}\", with a comma in it", label),
                     std::string(kForms) + " For CSV add the header as the first line.", line_);
            if (blank == std::string_view::npos)
                fail(ErrorKind::parse,
                     fmt::format("there is one word, \"{}\", where a label and a sentence belong", label),
                     kForms, line_);
            add(trimmed(label), trimmed(line.substr(blank)), line_);
        }
    }

    void read_csv(bool label_first) {
        for (skip_empty_lines(); !rest_.empty(); skip_empty_lines()) {
            const int line = line_ + 1;
            const std::vector<std::string> fields = take_record();
            if (fields.size() != 2)
                fail(ErrorKind::parse,
                     fmt::format("expected the 2 fields of the header, found {}", fields.size()),
                     fields.size() > 2 ? "Put a text that holds commas in quotes." : kForms, line);
            add(trimmed(fields[label_first ? 0 : 1]), trimmed(fields[label_first ? 1 : 0]), line);
        }
    }

    /// The fields of one CSV record, which spans lines where a quoted field does.
    std::vector<std::string> take_record() {
        const int first_line = line_ + 1;
        std::vector<std::string> fields(1);
        bool is_quoted = false, was_quoted = false;
        for (;;) {
            const std::string_view line = take_line();
            for (std::size_t i = 0; i < line.size(); ++i) {
                const char c = line[i];
                if (is_quoted) {
                    if (c != '"') {
                        fields.back() += c;
                    } else if (i + 1 < line.size() && line[i + 1] == '"') {
                        fields.back() += line[++i];
                    } else {
                        is_quoted = false;
                    }
                } else if (c == ',') {
                    fields.emplace_back();
                    was_quoted = false;
                } else if (c == '"' && !was_quoted && trimmed(fields.back()).empty()) {
                    fields.back().clear();
                    is_quoted = was_quoted = true;
                } else if (was_quoted && kBlanks.find(c) == std::string_view::npos) {
                    fail(ErrorKind::parse,
                         fmt::format("'{}' follows a closing quote, where a comma or the end belongs", c),
                         "Double the quotes inside a quoted field.", line_);
                } else {
                    fields.back() += c;
                }
            }
            if (!is_quoted) return fields;
            if (rest_.empty())
                fail(ErrorKind::parse, "a quote is opened and never closed", "Close it.", first_line);
            fields.back() += ' ';
        }
    }

    void add(std::string_view label, std::string_view text, int line) {
        if (!is_plain_utf8(label) || !is_plain_utf8(text))
            fail(ErrorKind::parse, "the line is not UTF-8 text",
                 "Convert the file to UTF-8, for example with iconv.", line);
        if (label.empty()) fail(ErrorKind::invalid_input, "the label is empty", kForms, line);
        Example example{std::string(label), std::string(text), tokenise(text), line};
        if (example.tokens.empty())
            fail(ErrorKind::invalid_input, fmt::format("the sentence \"{}\" has no word", text),
                 "Remove the line or give it a text.", line);
        dataset_.examples.push_back(std::move(example));
    }

    std::string_view rest_;
    int line_ = 0;
    Dataset dataset_;
};

}  // namespace

Dataset parse_dataset(std::string_view content, const std::string& name) {
    return Reader(content, name).read();
}

}  // namespace qdcnn::text
