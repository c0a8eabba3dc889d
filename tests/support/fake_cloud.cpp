#include "support/fake_cloud.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <sstream>
#include <stdexcept>
#include <thread>

#include "qdcnn/base/files.h"

namespace qdcnn::test {

using vendors::RemoteState;

/// A file of lines "verb vendor-id [key]", each appended with one call: a killed client leaves whole lines.
class FakeCloud::Books {
  public:
    explicit Books(std::string folder) : folder_(std::move(folder)) {
        file_ = ::open((folder_ + "/books").c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        if (file_ < 0) throw std::runtime_error("the fake cloud's books cannot be opened");
        while (::flock(file_, LOCK_EX) != 0)
            if (errno != EINTR) throw std::runtime_error("the fake cloud's books cannot be locked");
        read();
    }
    ~Books() { ::close(file_); }
    Books(const Books&) = delete;
    Books& operator=(const Books&) = delete;

    std::vector<BankJob>& jobs() { return jobs_; }
    BankJob& job(const std::string& vendor_id) {
        for (auto& job : jobs_)
            if (job.vendor_id == vendor_id) return job;
        throw Error(ErrorKind::not_found, fmt::format("no job {}", vendor_id));
    }

    void enter(const std::string& line) {
        append(file_, line + "\n");
        take(line);
    }
    /// Before the job's line: what is there without a line is nothing.
    void keep_content(const std::string& vendor_id, const std::string& content) {
        const int file =
            ::open(content_path(vendor_id).c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        append(file, content);
        ::close(file);
    }

  private:
    std::string content_path(const std::string& vendor_id) const {
        return folder_ + "/" + vendor_id + ".content";
    }
    /// With writev, which nothing else uses: faults injected into the client's system calls leave the vendor
    /// alone.
    static void append(int file, std::string text) {
        const iovec piece{text.data(), text.size()};
        if (::writev(file, &piece, 1) != static_cast<ssize_t>(text.size()))
            throw std::runtime_error("the fake cloud's books cannot be written");
    }
    void read() {
        std::istringstream text(read_file(folder_ + "/books"));
        for (std::string line; std::getline(text, line);) take(line);
    }
    void take(const std::string& line) {
        std::istringstream words(line);
        std::string verb, vendor_id, key;
        words >> verb >> vendor_id >> key;
        if (verb == "job")
            jobs_.push_back(
                {.vendor_id = vendor_id, .key = key, .content = read_file(content_path(vendor_id))});
        else if (verb == "status")
            ++job(vendor_id).status_calls;
        else if (verb == "find")
            ++job(vendor_id).find_calls;
        else if (verb == "given")
            ++job(vendor_id).given_out;
        else if (verb == "cancelled")
            job(vendor_id).is_cancelled = true;
        else
            throw std::runtime_error("the fake cloud's books hold " + line);
    }

    std::string folder_;
    int file_ = -1;
    std::vector<BankJob> jobs_{};
};

FakeCloud::FakeCloud(std::string folder, FakeCloudOptions options)
    : folder_(std::move(folder)), options_(std::move(options)) {
    make_folders(folder_);
}

std::vector<BankJob> FakeCloud::jobs() const { return Books(folder_).jobs(); }

std::vector<vendors::DeviceSummary> FakeCloud::devices() {
    return {
        {.name = "device", .qubits = options_.target ? options_.target->num_qubits : 1, .is_online = true}};
}

target::Target FakeCloud::target(const std::string& device) {
    if (!options_.target) throw Error(ErrorKind::not_found, fmt::format("no device {}", device));
    return *options_.target;
}

vendors::PreparedJob FakeCloud::prepare(const vendors::JobRequest& request) {
    if (!options_.prepare) throw std::logic_error("this fake cloud prepares nothing");
    return options_.prepare(request);
}

std::string FakeCloud::body(const vendors::PreparedJob& job, const std::string& key) const {
    return key + "\n" + job.content;
}

CloudFault FakeCloud::fault_of(CloudCall call) {
    return options_.fault ? options_.fault(call) : CloudFault::none;
}

void FakeCloud::fail_before(CloudFault fault) const {
    switch (fault) {
        case CloudFault::not_sent:
            throw Error(ErrorKind::network, "connection refused");
        case CloudFault::lost_on_way:
            throw Error(ErrorKind::timeout, "no reply in time");
        case CloudFault::refused:
            throw Error(ErrorKind::vendor, "no");
        case CloudFault::trouble:
            throw Error(ErrorKind::vendor, "status 503");
        case CloudFault::none:
        case CloudFault::reply_lost:
            return;
    }
}

void FakeCloud::fail_after(CloudFault fault) const {
    if (fault == CloudFault::reply_lost) throw Error(ErrorKind::network, "connection reset before the reply");
}

vendors::SubmitOutcome FakeCloud::submit(const std::string& body, const std::string& key) {
    const auto fault = fault_of(CloudCall::submit);
    switch (fault) {
        case CloudFault::not_sent:
            return vendors::Refused{Error(ErrorKind::network, "connection refused")};
        case CloudFault::refused:
            return vendors::Refused{Error(ErrorKind::invalid_input, "the vendor says no")};
        case CloudFault::lost_on_way:
            return vendors::Unclear{Error(ErrorKind::timeout, "no reply in time")};
        case CloudFault::trouble:
            return vendors::Unclear{Error(ErrorKind::vendor, "status 503")};
        case CloudFault::none:
        case CloudFault::reply_lost:
            break;
    }
    std::this_thread::sleep_for(options_.way);
    std::string vendor_id;
    {
        Books books(folder_);
        if (options_.recovery == vendors::Recovery::deduplicates)
            for (const auto& job : books.jobs())
                if (job.key == key) vendor_id = job.vendor_id;
        if (vendor_id.empty()) {
            vendor_id = fmt::format("v{}", books.jobs().size() + 1);
            books.keep_content(vendor_id, body.substr(body.find('\n') + 1));
            books.enter(fmt::format("job {} {}", vendor_id, key));
        }
    }
    std::this_thread::sleep_for(options_.way);
    if (fault == CloudFault::reply_lost)
        return vendors::Unclear{Error(ErrorKind::network, "connection reset before the reply")};
    return vendors::Accepted{vendor_id};
}

vendors::RemoteJob FakeCloud::remote_of(const BankJob& job) const {
    const int ended = options_.queued_calls + options_.running_calls;
    vendors::RemoteJob remote{.vendor_id = job.vendor_id, .device = "device", .tags = {job.key}};
    remote.state = job.is_cancelled                            ? RemoteState::cancelled
                   : job.status_calls <= options_.queued_calls ? RemoteState::queued
                   : job.status_calls <= ended                 ? RemoteState::running
                                                               : RemoteState::done;
    if (*remote.state == RemoteState::queued)
        remote.queue_position = options_.queued_calls - job.status_calls;
    remote.vendor_state = fmt::format("state {}", static_cast<int>(*remote.state));
    return remote;
}

std::vector<vendors::RemoteJob> FakeCloud::find(const std::string& key) {
    if (options_.recovery != vendors::Recovery::searchable)
        throw std::logic_error("this fake cloud has no search");
    const auto fault = fault_of(CloudCall::find);
    fail_before(fault);
    Books books(folder_);
    std::vector<vendors::RemoteJob> found;
    for (auto& job : books.jobs()) {
        if (job.key != key) continue;
        if (job.find_calls < options_.hidden_finds)
            books.enter("find " + job.vendor_id);
        else
            found.push_back(remote_of(job));
    }
    std::reverse(found.begin(), found.end());
    fail_after(fault);
    return found;
}

vendors::RemoteJob FakeCloud::status(const std::string& vendor_id) {
    const auto fault = fault_of(CloudCall::status);
    fail_before(fault);
    Books books(folder_);
    auto& job = books.job(vendor_id);
    books.enter("status " + vendor_id);
    fail_after(fault);
    return remote_of(job);
}

std::optional<std::string> FakeCloud::fetch(const std::string& vendor_id) {
    const auto fault = fault_of(CloudCall::fetch);
    fail_before(fault);
    std::this_thread::sleep_for(options_.way);
    std::string content;
    {
        Books books(folder_);
        const auto& job = books.job(vendor_id);
        if (remote_of(job).state != RemoteState::done || (options_.is_private && job.given_out > 0))
            return std::nullopt;
        content = job.content;
        books.enter("given " + vendor_id);
    }
    std::this_thread::sleep_for(options_.way);
    fail_after(fault);
    return options_.make_result ? options_.make_result(content) : "result of " + content;
}

vendors::JobResult FakeCloud::decode(const std::string& raw, const std::string& content) const {
    if (!options_.decode) throw std::logic_error("this fake cloud decodes nothing");
    return options_.decode(raw, content);
}

bool FakeCloud::cancel(const std::string& vendor_id) {
    const auto fault = fault_of(CloudCall::cancel);
    fail_before(fault);
    Books books(folder_);
    const auto& job = books.job(vendor_id);
    if (remote_of(job).state == RemoteState::done) return false;
    if (!job.is_cancelled) books.enter("cancelled " + vendor_id);
    fail_after(fault);
    return true;
}

std::optional<vendors::Cost> FakeCloud::billed(const std::string& vendor_id) {
    fail_before(fault_of(CloudCall::billed));
    Books(folder_).job(vendor_id);
    return options_.billed;
}

vendors::PreparedJob plain_job(const std::string& text, const std::string& device) {
    return {.device = device, .content = text, .circuits = 1, .shots = 100};
}

}  // namespace qdcnn::test
