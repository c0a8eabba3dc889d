#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "qdcnn/text/vocabulary.h"

namespace qdcnn::text {

struct Example {
    std::string label;
    std::string text;
    /// tokenise(text); never empty.
    Tokens tokens;
    /// Where it stands in its file, counted from 1; 0 for generated data.
    int line = 0;
};

/// Labelled sentences and where they are from.
struct Dataset {
    /// The path or builtin name.
    std::string name;
    std::vector<Example> examples;

    /// The labels that occur, sorted: by value when all are whole numbers, else by bytes. A model's classes.
    std::vector<std::string> labels() const;
    /// FNV-1a, 64 bits, over "label TAB text LF" of every example in order: "fnv1a64:" and 16 hexadecimal
    /// digits. It does not depend on the file's format or line ends.
    std::string hash() const;
};

/// Labelled sentences from text. Two forms, told apart by the first line:
/// - CSV (RFC 4180) with the header `label,text` or `text,label`; quoted fields may hold commas, doubled
/// quotes and
///   line ends;
/// - otherwise a label, blanks or a tab, the sentence.
/// A byte-order mark, CR LF and empty lines are tolerated. Labels are any text without white space around it.
/// Throws Error with the position: parse (a line that is neither, an open quote, no UTF-8), invalid_input (a
/// sentence without tokens, an empty label, no sentence at all).
Dataset parse_dataset(std::string_view content, const std::string& name);

/// parse_dataset of a file; throws also Error(not_found) when there is none.
Dataset read_dataset(const std::string& path);

/// A file, or "builtin:NAME[:SPLIT]" (builtin.h).
Dataset load_dataset(const std::string& path_or_builtin);

/// Throws Error(invalid_input) with the line unless every label is one of `classes`.
void require_labels(const Dataset& dataset, const std::vector<std::string>& classes);

/// Splits off round(fraction * count) examples of every class, but never all of one, drawn by `seed`; both
/// parts keep the order of the whole. Throws Error(invalid_input): fraction outside (0, 1), nothing to split
/// off.
struct Split {
    Dataset rest;
    Dataset part;
};
Split stratified_split(const Dataset& whole, double fraction, std::uint64_t seed);

}  // namespace qdcnn::text
