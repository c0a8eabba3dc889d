#include "run/journal/documents.h"

#include <fmt/format.h>

#include "qdcnn/base/error.h"
#include "qdcnn/base/json.h"
#include "run/journal/dates.h"

namespace qdcnn::run {
namespace {

using nlohmann::json;

json cost_json(const vendors::Cost& cost) {
    json value = {{"currency", cost.currency}, {"basis", cost.basis}};
    if (cost.qpu_seconds) value["qpu_seconds"] = *cost.qpu_seconds;
    if (cost.amount) value["amount"] = *cost.amount;
    return value;
}

vendors::Cost read_cost(const JsonView& view) {
    vendors::Cost cost;
    if (view.has("qpu_seconds")) cost.qpu_seconds = view.at("qpu_seconds").number();
    if (view.has("amount")) cost.amount = view.at("amount").number();
    cost.currency = view.at("currency").text();
    cost.basis = view.at("basis").text();
    return cost;
}

std::uint64_t read_count(const JsonView& view) {
    const auto value = view.integer();
    if (value < 0) view.fail(fmt::format("expected a count, found {}", value));
    return static_cast<std::uint64_t>(value);
}

std::string read_date(const JsonView& view) {
    auto text = view.text();
    date_of(text);
    return text;
}

/// 8 hexadecimal digits, for it names files and a place in the file of locks.
std::string read_id(const JsonView& view) {
    auto text = view.text();
    if (text.size() != 8 || text.find_first_not_of("0123456789abcdef") != std::string::npos)
        view.fail(fmt::format("expected 8 hexadecimal digits, found \"{}\"", text));
    return text;
}

std::string read_hash(const JsonView& view) {
    auto text = view.text();
    if (text.size() != 64 || text.find_first_not_of("0123456789abcdef") != std::string::npos)
        view.fail("expected a SHA-256");
    return text;
}

/// What the JSON and its readers throw, as damage of the journal.
template <typename Read>
auto reading(const std::string& text, Read read) {
    try {
        const json value = parse_json(text, "row");
        return read(JsonView(value, "row"));
    } catch (const Error& error) {
        throw Error(ErrorKind::storage, fmt::format("the job journal is damaged: {}", error.what()),
                    error.hint());
    }
}

TableSeal read_table_seal(const JsonView& view) {
    return {view.at("count").integer(), read_hash(view.at("digest"))};
}

int digit_of(char c) { return c <= '9' ? c - '0' : c - 'a' + 10; }

}  // namespace

void TableSeal::toggle(const std::string& hash) {
    for (std::size_t i = 0; i < digest.size(); ++i)
        digest[i] = "0123456789abcdef"[digit_of(digest[i]) ^ digit_of(hash[i])];
}

std::string write_document(const JobRecord& job) {
    json value = {{"id", job.id},
                  {"vendor", job.vendor},
                  {"account", job.account},
                  {"device", job.device},
                  {"vendor_id", job.vendor_id},
                  {"key", job.key},
                  {"fingerprint", job.fingerprint},
                  {"body_hash", job.body_hash},
                  {"state", to_string(job.state)},
                  {"group", job.group},
                  {"part", job.part},
                  {"parts", job.parts},
                  {"circuits", job.circuits},
                  {"shots", job.shots},
                  {"quote", cost_json(job.quote)},
                  {"submitted", job.submitted},
                  {"changed", job.changed},
                  {"message", job.message},
                  {"private", job.is_private},
                  {"sendings", job.sendings},
                  {"ready", job.is_ready},
                  {"fetching", job.is_fetching},
                  {"reported", job.is_reported}};
    if (job.billed) value["billed"] = cost_json(*job.billed);
    if (job.queue_position) value["queue_position"] = *job.queue_position;
    if (job.absent_since) value["absent_since"] = *job.absent_since;
    if (job.result_hash) value["result_hash"] = *job.result_hash;
    return to_text(value);
}

JobRecord read_job_document(const std::string& text) {
    return reading(text, [](const JsonView& view) {
        JobRecord job;
        job.id = read_id(view.at("id"));
        job.vendor = view.at("vendor").text();
        job.account = view.at("account").text();
        job.device = view.at("device").text();
        job.vendor_id = view.at("vendor_id").text();
        job.key = view.at("key").text();
        job.fingerprint = view.at("fingerprint").text();
        if (!job.fingerprint.empty()) read_hash(view.at("fingerprint"));
        job.body_hash = view.at("body_hash").text();
        job.state = job_state(view.at("state").text());
        job.group = view.at("group").text();
        job.part = read_count(view.at("part"));
        job.parts = read_count(view.at("parts"));
        job.circuits = read_count(view.at("circuits"));
        job.shots = read_count(view.at("shots"));
        job.quote = read_cost(view.at("quote"));
        if (view.has("billed")) job.billed = read_cost(view.at("billed"));
        job.submitted = read_date(view.at("submitted"));
        job.changed = read_date(view.at("changed"));
        job.message = view.at("message").text();
        if (view.has("queue_position")) job.queue_position = view.at("queue_position").integer();
        job.is_private = view.at("private").boolean();
        for (const auto& element : view.at("sendings").elements()) job.sendings.push_back(read_date(element));
        if (view.has("absent_since")) job.absent_since = read_date(view.at("absent_since"));
        job.is_ready = view.at("ready").boolean();
        job.is_fetching = view.at("fetching").boolean();
        if (view.has("result_hash")) job.result_hash = read_hash(view.at("result_hash"));
        job.is_reported = view.at("reported").boolean();
        return job;
    });
}

std::string write_document(const EventRow& row) {
    return to_text(json{{"job", row.job},
                        {"time", row.event.time},
                        {"state", to_string(row.event.state)},
                        {"detail", row.event.detail}});
}

EventRow read_event_document(const std::string& text) {
    return reading(text, [](const JsonView& view) {
        return EventRow{
            read_id(view.at("job")),
            {read_date(view.at("time")), job_state(view.at("state").text()), view.at("detail").text()}};
    });
}

std::string write_document(const Seal& seal) {
    const auto table = [](const TableSeal& t) { return json{{"count", t.count}, {"digest", t.digest}}; };
    return to_text(
        json{{"sequence", seal.sequence}, {"jobs", table(seal.jobs)}, {"events", table(seal.events)}});
}

Seal read_seal_document(const std::string& text) {
    return reading(text, [](const JsonView& view) {
        return Seal{view.at("sequence").integer(), read_table_seal(view.at("jobs")),
                    read_table_seal(view.at("events"))};
    });
}

}  // namespace qdcnn::run
