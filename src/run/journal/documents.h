#pragma once

#include <cstdint>
#include <string>

#include "qdcnn/run/journal.h"

namespace qdcnn::run {

/// How many rows a table has, and the exclusive or of their hashes: a row more, less or other shows.
struct TableSeal {
    std::int64_t count = 0;
    /// 64 hexadecimal digits.
    std::string digest = std::string(64, '0');

    void toggle(const std::string& hash);
    friend bool operator==(const TableSeal&, const TableSeal&) = default;
};

/// The one row that changes with every transaction.
struct Seal {
    std::int64_t sequence = 0;
    TableSeal jobs{};
    TableSeal events{};
};

struct EventRow {
    std::string job{};
    JobEvent event{};
};

/// Rows as JSON text. Reading throws Error(storage) for what writing cannot have written.
std::string write_document(const JobRecord& job);
std::string write_document(const EventRow& row);
std::string write_document(const Seal& seal);
EventRow read_event_document(const std::string& text);
Seal read_seal_document(const std::string& text);

}  // namespace qdcnn::run
