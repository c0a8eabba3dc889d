#pragma once

#include <cstdint>
#include <string>

namespace qdcnn::run {

/// The number of the newest transaction, in a file of its own. SQLite drops the end of a damaged write-ahead
/// log without a word, and an old copy of a database looks like a whole one: both would show a sent job as
/// unsent. The number here is written after each commit and before anything follows from it, so a database
/// that knows less has lost something. 16 lines, each "number sha256"; transaction n is written over line n
/// mod 16, so that a torn write leaves the others and processes that write out of turn do no harm.
class Witness {
  public:
    explicit Witness(std::string path) : path_(std::move(path)) {}
    ~Witness();
    Witness(const Witness&) = delete;
    Witness& operator=(const Witness&) = delete;

    /// A file of empty lines, as `open` takes it.
    static std::string empty();

    /// The file is there. Throws Error(storage).
    void open();
    /// The largest number; 0 where there is none.
    std::int64_t read() const;
    /// Durable on return. Throws Error(storage).
    void write(std::int64_t sequence);

  private:
    std::string path_;
    int file_ = -1;
};

}  // namespace qdcnn::run
