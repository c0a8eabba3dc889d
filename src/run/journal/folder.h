#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "qdcnn/run/journal.h"

namespace qdcnn::run {

/// The journal's folder: the database and, beside it,
///   contents/<sha256>.json      what was submitted
///   results/<id>-<sha256>.raw   a result, byte by byte; a file under its whole name is a whole result
///   locks, witness
class Folder {
  public:
    /// Makes what is not there. Throws Error(storage), also when others may read it.
    Folder(std::string path, const JournalOptions& options);

    const std::string& path() const { return path_; }
    std::string database() const { return path_ + "/journal.db"; }
    std::string witness() const { return path_ + "/witness"; }
    std::string content(const std::string& hash) const;
    std::string result(const std::string& job, const std::string& hash) const;

    /// Network file systems, where processes on two machines would not see one write-ahead log.
    bool is_on_network() const;
    /// A file that only its owner reads, made without content where there is none.
    void make_private_file(const std::string& path) const;

    /// Durable on return; the options' writer, or write_file_atomic.
    void write(const std::string& path, std::string_view bytes) const;
    /// Does nothing where the same content is there and whole.
    void write_content(const std::string& hash, std::string_view content) const;
    /// Throws Error(storage) where the file does not have this hash, Error(not_found) where there is none.
    std::string read_checked(const std::string& path, const std::string& hash) const;
    /// The hash of a whole result that a process wrote and did not enter.
    std::optional<std::string> find_result(const std::string& job) const;

  private:
    std::string path_;
    const JournalOptions& options_;
};

}  // namespace qdcnn::run
