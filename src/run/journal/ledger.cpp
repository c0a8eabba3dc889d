#include "run/journal/ledger.h"

#include <fmt/format.h>

#include <algorithm>

#include "qdcnn/base/error.h"
#include "qdcnn/base/hash.h"

namespace qdcnn::run {
namespace {

std::string row_hash(const char* table, std::int64_t number, const std::string& document) {
    return sha256_hex(fmt::format("{} {}\n{}", table, number, document));
}

struct Row {
    std::int64_t number = 0;
    std::string document{};
    std::string hash{};
};

/// Every row of the table, its hash checked.
void scan(Database& database, const char* table, const std::function<void(Row)>& take) {
    Database::Statement rows(
        database, fmt::format("SELECT number, document, hash FROM {} ORDER BY number", table).c_str());
    while (rows.step()) {
        Row row{rows.integer(0), rows.text(1), rows.text(2)};
        if (row_hash(table, row.number, row.document) != row.hash)
            throw_damaged(fmt::format("row {} of table {} does not have the hash it was written with",
                                      row.number, table));
        take(std::move(row));
    }
}

void require_seal(const char* table, const TableSeal& found, const TableSeal& sealed) {
    if (found == sealed) return;
    throw_damaged(fmt::format("table {} has {} rows where {} were sealed, or others", table, found.count,
                              sealed.count));
}

}  // namespace

void throw_damaged(const std::string& what) {
    throw Error(ErrorKind::storage, fmt::format("the job journal is damaged: {}", what),
                "Nothing was sent. Put back a copy of the journal's folder, or move the folder away and take "
                "the jobs "
                "that the vendor lists with `qdcnn job attach ID`.");
}

void create_tables(Database& database) {
    for (const char* table : {"jobs", "events", "seal"})
        database.run(fmt::format("CREATE TABLE {} (number INTEGER PRIMARY KEY, document TEXT NOT NULL, "
                                 "hash TEXT NOT NULL)",
                                 table)
                         .c_str());
    const auto document = write_document(Seal{});
    Database::Statement(database, "INSERT INTO seal VALUES (1, ?1, ?2)")
        .bind(1, document)
        .bind(2, row_hash("seal", 1, document))
        .step();
}

void load_snapshot(Database& database, Snapshot& known) {
    std::vector<Row> seals;
    scan(database, "seal", [&](Row row) { seals.push_back(std::move(row)); });
    if (seals.size() != 1) throw_damaged(fmt::format("{} seals, expected one", seals.size()));
    if (seals[0].hash == known.seal_hash) return;

    Snapshot fresh;
    fresh.seal_hash = seals[0].hash;
    fresh.seal = read_seal_document(seals[0].document);
    TableSeal found;
    scan(database, "jobs", [&](Row row) {
        found.toggle(row.hash);
        ++found.count;
        fresh.jobs.push_back(read_job_document(row.document));
        fresh.places.push_back({row.number, std::move(row.hash)});
    });
    require_seal("jobs", found, fresh.seal.jobs);
    known = std::move(fresh);
}

std::vector<EventRow> load_events(Database& database, const Snapshot& snapshot) {
    std::vector<EventRow> events;
    TableSeal found;
    scan(database, "events", [&](const Row& row) {
        found.toggle(row.hash);
        ++found.count;
        events.push_back(read_event_document(row.document));
    });
    require_seal("events", found, snapshot.seal.events);
    return events;
}

const JobRecord* find_entry(const std::vector<JobRecord>& jobs, const Work& work) {
    const auto is_entry = [&](const JobRecord& job) {
        const bool is_without_effect = is_finished(job.state) && job.vendor_id.empty();
        return !is_without_effect && job.fingerprint == work.fingerprint && job.vendor == work.vendor &&
               job.account == work.account && job.device == work.device && job.group == work.group &&
               job.part == work.part;
    };
    const auto at = std::find_if(jobs.rbegin(), jobs.rend(), is_entry);
    return at == jobs.rend() ? nullptr : &*at;
}

std::size_t Ledger::index_of(const std::string& id) const {
    const auto& jobs = snapshot_.jobs;
    const auto at =
        std::find_if(jobs.begin(), jobs.end(), [&](const JobRecord& job) { return job.id == id; });
    if (at == jobs.end())
        throw Error(ErrorKind::not_found, fmt::format("job {} is not in the job journal any more", id));
    return static_cast<std::size_t>(at - jobs.begin());
}

const JobRecord& Ledger::get(const std::string& id) const { return snapshot_.jobs[index_of(id)]; }

void Ledger::add(const JobRecord& job, const std::string& detail) {
    const std::int64_t number = snapshot_.places.empty() ? 1 : snapshot_.places.back().number + 1;
    auto hash = insert("jobs", number, write_document(job));
    snapshot_.seal.jobs.toggle(hash);
    ++snapshot_.seal.jobs.count;
    snapshot_.jobs.push_back(job);
    snapshot_.places.push_back({number, std::move(hash)});
    add_event(job, detail);
    is_changed_ = true;
}

void Ledger::put(JobRecord job, const std::string& detail) {
    const auto index = index_of(job.id);
    auto& old = snapshot_.jobs[index];
    auto& place = snapshot_.places[index];
    if (!may_follow(old.state, job.state))
        throw Error(ErrorKind::internal, fmt::format("job {} cannot go from {} to {}", job.id,
                                                     to_string(old.state), to_string(job.state)));
    if (job.state != old.state || job.queue_position != old.queue_position) job.changed = iso_date(date_);
    const auto document = write_document(job);
    const auto hash = row_hash("jobs", place.number, document);
    Database::Statement update(database_,
                               "UPDATE jobs SET document = ?1, hash = ?2 WHERE number = ?3 RETURNING 1");
    if (!update.bind(1, document).bind(2, hash).bind(3, place.number).step())
        throw_damaged(fmt::format("row {} of table jobs cannot be found", place.number));
    update.step();
    snapshot_.seal.jobs.toggle(place.hash);
    snapshot_.seal.jobs.toggle(hash);
    place.hash = hash;
    old = std::move(job);
    if (!detail.empty()) add_event(old, detail);
    is_changed_ = true;
}

void Ledger::add_event(const JobRecord& job, const std::string& detail) {
    const auto hash = insert("events", snapshot_.seal.events.count + 1,
                             write_document(EventRow{job.id, {iso_date(date_), job.state, detail}}));
    snapshot_.seal.events.toggle(hash);
    ++snapshot_.seal.events.count;
}

std::string Ledger::insert(const char* table, std::int64_t number, const std::string& document) {
    auto hash = row_hash(table, number, document);
    Database::Statement(database_, fmt::format("INSERT INTO {} VALUES (?1, ?2, ?3)", table).c_str())
        .bind(1, number)
        .bind(2, document)
        .bind(3, hash)
        .step();
    return hash;
}

Snapshot Ledger::finish() {
    ++snapshot_.seal.sequence;
    const auto document = write_document(snapshot_.seal);
    snapshot_.seal_hash = row_hash("seal", 1, document);
    Database::Statement update(database_,
                               "UPDATE seal SET document = ?1, hash = ?2 WHERE number = 1 RETURNING 1");
    if (!update.bind(1, document).bind(2, snapshot_.seal_hash).step())
        throw_damaged("the seal cannot be found");
    update.step();
    return std::move(snapshot_);
}

}  // namespace qdcnn::run
