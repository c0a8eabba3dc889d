#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace qdcnn::run {

/// One SQLite connection, for one thread at a time. What SQLite reports is thrown as Error(storage) with the
/// path.
class Database {
  public:
    /// Opens for reading and writing; the file is there. vfs: empty for the system's.
    Database(const std::string& path, const std::string& vfs);
    /// A database in memory made of a file's bytes, to be read only.
    explicit Database(std::string_view bytes);
    ~Database();
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    /// SQL without parameters or rows.
    void run(const char* sql);
    /// The first column of the first row as text; empty without one.
    std::string text(const char* sql);
    /// Ends a transaction that may have ended by itself. Never throws.
    void rollback() noexcept;

    /// A prepared statement, used as: bind, step until false, columns in between.
    class Statement {
      public:
        Statement(Database& database, const char* sql);
        Statement& bind(int index, std::int64_t value);
        Statement& bind(int index, const std::string& value);
        /// False at the end.
        bool step();
        std::int64_t integer(int column) const;
        /// Throws Error(storage) where the column holds no text.
        std::string text(int column) const;

      private:
        struct Finalize {
            void operator()(sqlite3_stmt* statement) const;
        };
        Database& database_;
        std::unique_ptr<sqlite3_stmt, Finalize> statement_;
    };

  private:
    [[noreturn]] void fail(int code) const;

    std::string path_;
    sqlite3* handle_ = nullptr;
};

}  // namespace qdcnn::run
