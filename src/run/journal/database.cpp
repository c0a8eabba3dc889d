#include "run/journal/database.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <chrono>
#include <cstring>

#include "qdcnn/base/error.h"

namespace qdcnn::run {
namespace {

/// Transactions take milliseconds; only a process that was stopped within one lets others wait this long.
constexpr int kPatienceMilliseconds = 60'000;

const char* hint_of(int code) {
    switch (code & 0xff) {
        case SQLITE_FULL:
            return "Free some disk space; the job journal is as it was before.";
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            return "Another process holds the job journal: end it, or wait for it.";
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
            return "The job journal is damaged. Put back a copy of its folder, or move the folder away and "
                   "take jobs "
                   "that are at the vendor with `qdcnn job attach ID`.";
        case SQLITE_READONLY:
        case SQLITE_CANTOPEN:
        case SQLITE_PERM:
            return "The folder of the job journal and its files must be writable.";
        default:
            return "";
    }
}

}  // namespace

Database::Database(const std::string& path, const std::string& vfs) : path_(path) {
    const int code = ::sqlite3_open_v2(path.c_str(), &handle_, SQLITE_OPEN_READWRITE | SQLITE_OPEN_FULLMUTEX,
                                       vfs.empty() ? nullptr : vfs.c_str());
    try {
        if (code != SQLITE_OK) fail(code);
        ::sqlite3_extended_result_codes(handle_, 1);
        ::sqlite3_busy_timeout(handle_, kPatienceMilliseconds);
        // A damaged schema must not run what somebody wrote into it.
        ::sqlite3_db_config(handle_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
        ::sqlite3_db_config(handle_, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
        run("PRAGMA cell_size_check = ON");
    } catch (...) {
        ::sqlite3_close_v2(handle_);
        throw;
    }
}

Database::Database(std::string_view bytes) : path_("the job journal's bytes") {
    const int code = ::sqlite3_open_v2(":memory:", &handle_, SQLITE_OPEN_READWRITE, nullptr);
    try {
        if (code != SQLITE_OK) fail(code);
        ::sqlite3_db_config(handle_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
        ::sqlite3_db_config(handle_, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
        run("PRAGMA cell_size_check = ON");
        auto* copy = static_cast<unsigned char*>(::sqlite3_malloc64(bytes.size() + 1));
        if (copy == nullptr) throw Error(ErrorKind::out_of_memory, "no memory for the job journal's bytes");
        std::memcpy(copy, bytes.data(), bytes.size());
        // A database in memory has no write-ahead log: the header says rollback journal.
        if (bytes.size() > 20 && copy[18] == 2) copy[18] = copy[19] = 1;
        const auto size = static_cast<sqlite3_int64>(bytes.size());
        const int loaded = ::sqlite3_deserialize(
            handle_, "main", copy, size, size, SQLITE_DESERIALIZE_FREEONCLOSE | SQLITE_DESERIALIZE_READONLY);
        if (loaded != SQLITE_OK) fail(loaded);
    } catch (...) {
        ::sqlite3_close_v2(handle_);
        throw;
    }
}

Database::~Database() { ::sqlite3_close_v2(handle_); }

void Database::fail(int code) const {
    const char* message = handle_ != nullptr ? ::sqlite3_errmsg(handle_) : ::sqlite3_errstr(code);
    throw Error(ErrorKind::storage, fmt::format("the job journal {}: {}", path_, message), hint_of(code));
}

void Database::run(const char* sql) {
    const int code = ::sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) fail(code);
}

std::string Database::text(const char* sql) {
    Statement statement(*this, sql);
    return statement.step() ? statement.text(0) : std::string();
}

void Database::rollback() noexcept {
    if (::sqlite3_get_autocommit(handle_) == 0)
        ::sqlite3_exec(handle_, "ROLLBACK", nullptr, nullptr, nullptr);
}

void Database::Statement::Finalize::operator()(sqlite3_stmt* statement) const {
    ::sqlite3_finalize(statement);
}

Database::Statement::Statement(Database& database, const char* sql) : database_(database) {
    sqlite3_stmt* statement = nullptr;
    const int code = ::sqlite3_prepare_v2(database.handle_, sql, -1, &statement, nullptr);
    statement_.reset(statement);
    if (code != SQLITE_OK) database.fail(code);
}

Database::Statement& Database::Statement::bind(int index, std::int64_t value) {
    const int code = ::sqlite3_bind_int64(statement_.get(), index, value);
    if (code != SQLITE_OK) database_.fail(code);
    return *this;
}

Database::Statement& Database::Statement::bind(int index, const std::string& value) {
    const int code = ::sqlite3_bind_text64(statement_.get(), index, value.data(), value.size(),
                                           SQLITE_TRANSIENT, SQLITE_UTF8);
    if (code != SQLITE_OK) database_.fail(code);
    return *this;
}

bool Database::Statement::step() {
    const int code = ::sqlite3_step(statement_.get());
    if (code == SQLITE_ROW) return true;
    if (code != SQLITE_DONE) database_.fail(code);
    return false;
}

std::int64_t Database::Statement::integer(int column) const {
    return ::sqlite3_column_int64(statement_.get(), column);
}

std::string Database::Statement::text(int column) const {
    const auto* bytes = ::sqlite3_column_text(statement_.get(), column);
    if (bytes == nullptr)
        throw Error(ErrorKind::storage,
                    fmt::format("the job journal {} is damaged: a text is missing", database_.path_),
                    hint_of(SQLITE_CORRUPT));
    return std::string(reinterpret_cast<const char*>(bytes),
                       static_cast<std::size_t>(::sqlite3_column_bytes(statement_.get(), column)));
}

}  // namespace qdcnn::run
