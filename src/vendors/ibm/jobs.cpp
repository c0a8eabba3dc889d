#include "vendors/ibm/jobs.h"

#include <fmt/format.h>

#include <algorithm>

#include "qdcnn/base/error.h"
#include "vendors/ibm/errors.h"

namespace qdcnn::vendors::ibm {
namespace {

using std::chrono::minutes;

/// IBM's own client waits a quarter of an hour for the answer to a submit.
constexpr minutes kSubmitLimit{15};
/// A submit is not put off for longer than this.
constexpr minutes kLongestPause{5};
constexpr std::size_t kLargestResult = std::size_t{1} << 30;
/// Rows of one page, the most that the server gives.
constexpr std::size_t kPage = 200;
/// A list that goes on beyond this is a fault.
constexpr std::size_t kMostRows = 1'000'000;

Call submit_call(const std::string& body) {
    return {.method = http::Method::post,
            .path = "/jobs",
            .body = body,
            .doing = "submitting the job",
            .effect = http::Effect::once,
            .time_limit = kSubmitLimit};
}

/// Whether the service says that it did nothing. 408 and 5xx do not say.
bool is_refusal(int status) { return status >= 400 && status < 500 && status != 408; }

SubmitOutcome outcome_of(const http::Outcome& outcome) {
    const std::string doing = "submitting the job";
    if (const auto* failure = std::get_if<http::Failure>(&outcome)) {
        if (failure->reach == http::Reach::not_sent) return Refused{error_of(outcome, doing)};
        return Unclear{
            Error(ErrorKind::outcome_unknown, error_of(outcome, doing).what(),
                  "The job may have arrived. It is looked for by its tag before it is sent again.")};
    }
    const auto& response = std::get<http::Response>(outcome);
    if (is_refusal(response.status)) return Refused{error_of(response, doing)};
    if (response.is_success()) {
        const nlohmann::json reply = nlohmann::json::parse(response.body, nullptr, false);
        if (reply.is_object() && reply.contains("id") && reply["id"].is_string() &&
            !reply["id"].get_ref<const std::string&>().empty())
            return Accepted{reply["id"].get<std::string>()};
        return Unclear{Error(ErrorKind::outcome_unknown,
                             doing + fmt::format(": the reply {} names no job", response.status))};
    }
    const Error error = error_of(response, doing);
    return Unclear{Error(ErrorKind::outcome_unknown, error.what(), error.hint())};
}

Query query_of(const JobFilter& filter) {
    Query query{{"exclude_params", "true"}};
    const auto add = [&](const char* name, const std::string& value) {
        if (!value.empty()) query.emplace_back(name, value);
    };
    add("backend", filter.device);
    if (filter.is_pending) add("pending", *filter.is_pending ? "true" : "false");
    add("program", filter.program);
    for (const std::string& tag : filter.tags) add("tags", tag);
    add("session_id", filter.session);
    add("created_after", filter.created_after);
    add("created_before", filter.created_before);
    if (filter.is_oldest_first) add("sort", "ASC");
    return query;
}

JsonView reply_view(const nlohmann::json& document) { return {document, "reply"}; }

}  // namespace

Route Jobs::route_of(const std::string& body) {
    const nlohmann::json document = parse_json(body, "the request");
    return devices_.route(JsonView(document, "request").at("backend").text());
}

http::Request Jobs::shown_submit(const std::string& body) {
    return Client::request_of(route_of(body), submit_call(body), "***");
}

SubmitOutcome Jobs::submit(const std::string& body) {
    const Route route = route_of(body);
    if (!submits_.acquire(clock_, kLongestPause))
        return Refused{
            Error(ErrorKind::rate_limited, "submitting the job: five a minute are taken", "Wait a minute.")};
    SubmitOutcome read = outcome_of(client_.try_send(route, submit_call(body)));
    if (const auto* accepted = std::get_if<Accepted>(&read)) {
        const std::lock_guard lock(mutex_);
        routes_[accepted->vendor_id] = route;
    }
    return read;
}

http::Response Jobs::send(const std::string& id, Call call) {
    call.path = "/jobs/" + percent_encoded(id) + call.path;
    std::vector<Route> routes;
    {
        const std::lock_guard lock(mutex_);
        if (const auto known = routes_.find(id); known != routes_.end()) routes = {known->second};
    }
    if (routes.empty()) routes = instances_.routes();
    call.answers.push_back(404);
    std::optional<http::Response> absent;
    for (const Route& route : routes) {
        http::Response response = client_.send(route, call);
        if (response.status != 404) {
            const std::lock_guard lock(mutex_);
            routes_[id] = route;
            return response;
        }
        // What an earlier sending deleted is gone.
        if (call.method == http::Method::del && response.attempts > 1) return response;
        absent = std::move(response);
    }
    throw error_of(*absent, call.doing);
}

RemoteJob Jobs::status(const std::string& id) {
    const std::string doing = fmt::format("asking for job {}", id);
    const http::Response response = send(id, {.query = {{"exclude_params", "true"}}, .doing = doing});
    const nlohmann::json document = Client::read(response, doing);
    return reading(doing, [&] {
        RemoteJob job = read_job(reply_view(document));
        if (job.vendor_id != id) throw Error(ErrorKind::parse, "it is of another job");
        return job;
    });
}

std::optional<std::string> Jobs::fetch(const std::string& id) {
    const std::string doing = fmt::format("fetching the result of job {}", id);
    http::Response response = send(id, {.path = "/results",
                                        .doing = doing,
                                        .time_limit = minutes(10),
                                        .max_response_bytes = kLargestResult});
    const std::size_t first = response.body.find_first_not_of(" \t\r\n");
    if (response.status == 204 || first == std::string::npos) return std::nullopt;
    // What goes to the disk as the job's result is asked for no more, so that a page of a proxy must not. A
    // result that is damaged is kept as it is: a private job gives out no other.
    if (response.body[first] != '{') throw unreadable(doing, "a result is a JSON object");
    return std::move(response.body);
}

bool Jobs::cancel(const std::string& id) {
    const http::Response response = send(id, {.method = http::Method::post,
                                              .path = "/cancel",
                                              .doing = fmt::format("cancelling job {}", id),
                                              .effect = http::Effect::idempotent,
                                              .answers = {409}});
    // The first sending may have cancelled it, and a job that has ended cannot be cancelled again.
    return response.status != 409 || response.attempts > 1;
}

std::vector<RemoteJob> Jobs::list_on(const Route& route, const JobFilter& filter) {
    const std::string doing = "listing jobs";
    std::vector<RemoteJob> jobs;
    const std::size_t wanted = filter.limit == 0 ? kMostRows : filter.limit;
    for (std::size_t offset = filter.skip; jobs.size() < wanted;) {
        const std::size_t page = std::min(kPage, wanted - jobs.size());
        Query query = query_of(filter);
        query.emplace_back("limit", std::to_string(page));
        query.emplace_back("offset", std::to_string(offset));
        const nlohmann::json document = client_.ask(route, {.path = "/jobs", .query = query, .doing = doing});
        const JsonView reply = reply_view(document);
        const std::vector<RemoteJob> rows = reading(doing, [&] {
            std::vector<RemoteJob> read;
            for (const JsonView& row : reply.at("jobs").elements()) read.push_back(read_job(row));
            return read;
        });
        for (const RemoteJob& row : rows) {
            jobs.push_back(row);
            const std::lock_guard lock(mutex_);
            routes_[jobs.back().vendor_id] = route;
        }
        // The server may give fewer than a page, and says how many there are.
        offset += rows.size();
        const bool says_count = reply.has("count") && reply.at("count").value().is_number_integer();
        const bool is_end = says_count ? static_cast<std::int64_t>(offset) >= reply.at("count").integer()
                                       : rows.size() < page;
        if (rows.empty() || is_end) break;
    }
    return jobs;
}

std::vector<RemoteJob> Jobs::list(const JobFilter& filter) {
    const std::vector<Route> routes = instances_.routes();
    if (routes.size() == 1) return list_on(routes.front(), filter);
    // Each gives its first rows; together they hold the first of all.
    JobFilter of_one = filter;
    of_one.skip = 0;
    if (filter.limit > 0) of_one.limit = filter.skip + filter.limit;
    std::vector<RemoteJob> all;
    for (const Route& route : routes)
        for (RemoteJob& job : list_on(route, of_one)) all.push_back(std::move(job));
    std::stable_sort(all.begin(), all.end(), [&](const RemoteJob& a, const RemoteJob& b) {
        return filter.is_oldest_first ? a.created < b.created : a.created > b.created;
    });
    const auto skipped = static_cast<std::ptrdiff_t>(std::min(filter.skip, all.size()));
    all.erase(all.begin(), all.begin() + skipped);
    if (filter.limit > 0 && all.size() > filter.limit)
        all.erase(all.begin() + static_cast<std::ptrdiff_t>(filter.limit), all.end());
    return all;
}

std::string Jobs::logs(const std::string& id) {
    try {
        return send(id, {.path = "/logs", .doing = fmt::format("asking for the log of job {}", id)}).body;
    } catch (const Error& error) {
        // 404: the job has no log.
        if (error.kind() == ErrorKind::not_found) return {};
        throw;
    }
}

nlohmann::json Jobs::metrics(const std::string& id) {
    const std::string doing = fmt::format("asking for the metrics of job {}", id);
    const http::Response response = send(id, {.path = "/metrics", .doing = doing});
    return Client::read(response, doing);
}

void Jobs::remove(const std::string& id) {
    send(id, {.method = http::Method::del, .doing = fmt::format("deleting job {}", id)});
}

void Jobs::set_tags(const std::string& id, const std::vector<std::string>& tags) {
    check_tags(tags);
    send(id, {.method = http::Method::put,
              .path = "/tags",
              .body = to_text(nlohmann::json{{"tags", tags}}),
              .doing = fmt::format("setting the tags of job {}", id)});
}

Usage Jobs::usage() {
    const std::string doing = "asking for the instance's usage";
    const nlohmann::json document =
        client_.ask(instances_.routes().front(), {.path = "/instances/usage", .doing = doing});
    return reading(doing, [&] { return read_usage(reply_view(document)); });
}

}  // namespace qdcnn::vendors::ibm
