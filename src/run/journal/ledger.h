#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "qdcnn/run/journal.h"
#include "run/journal/database.h"
#include "run/journal/dates.h"
#include "run/journal/documents.h"

namespace qdcnn::run {

/// All jobs, checked, as of one transaction.
struct Snapshot {
    struct Place {
        std::int64_t number = 0;
        std::string hash{};
    };

    std::string seal_hash{};
    Seal seal{};
    /// Oldest first; places beside them.
    std::vector<JobRecord> jobs{};
    std::vector<Place> places{};
};

/// The tables: jobs, events and the seal, each of rows (number, document, hash), where
/// hash = SHA-256 of "<table> <number>\n<document>".
void create_tables(Database& database);

/// Within a transaction: reads and checks the jobs, or keeps `known` where nothing has changed since.
/// Throws Error(storage), naming the row and the remedy, where something was changed behind our back.
void load_snapshot(Database& database, Snapshot& known);

/// Within a transaction: all events, checked.
std::vector<EventRow> load_events(Database& database, const Snapshot& snapshot);

/// Throws Error(storage) with the remedy.
[[noreturn]] void throw_damaged(const std::string& what);

/// The latest entry of this work; one that ended before the vendor did anything is none. Null where there is
/// none.
const JobRecord* find_entry(const std::vector<JobRecord>& jobs, const Work& work);

class Ledger {
  public:
    Ledger(Database& database, Snapshot snapshot, Date date)
        : database_(database), snapshot_(std::move(snapshot)), date_(date) {}

    /// Of this transaction.
    Date date() const { return date_; }
    /// Oldest first.
    const std::vector<JobRecord>& jobs() const { return snapshot_.jobs; }
    /// By its whole id, which is there.
    const JobRecord& get(const std::string& id) const;

    /// A row more.
    void add(const JobRecord& job, const std::string& detail);
    /// The row of job.id becomes this. `changed` becomes now where the state or the place in the queue is
    /// another. An event with the detail is added where there is one. The step from state to state is
    /// allowed.
    void put(JobRecord job, const std::string& detail);

    bool is_changed() const { return is_changed_; }
    /// Writes the seal; the end of the transaction.
    Snapshot finish();

  private:
    std::size_t index_of(const std::string& id) const;
    void add_event(const JobRecord& job, const std::string& detail);
    /// Returns the row's hash.
    std::string insert(const char* table, std::int64_t number, const std::string& document);

    Database& database_;
    Snapshot snapshot_;
    Date date_;
    bool is_changed_ = false;
};

}  // namespace qdcnn::run
