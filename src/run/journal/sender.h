#pragma once

#include <functional>
#include <string>

#include "qdcnn/base/clock.h"
#include "qdcnn/run/budget.h"
#include "qdcnn/run/job_desk.h"
#include "qdcnn/run/journal.h"
#include "qdcnn/vendors/service.h"

namespace qdcnn::run {

/// Takes one job from `intent` or `unknown` to `accepted`: the part of decision 7 where money is spent.
class Sender {
  public:
    Sender(Journal& journal, vendors::Service& service, Clock& clock, const DeskOptions& options)
        : journal_(journal), service_(service), clock_(clock), options_(options) {}

    /// Sends what was not sent, looks for what is in doubt and sends it again where that is safe; does
    /// nothing for others. Waits for the job's lock. Errors as JobDesk::submit.
    JobRecord drive(const std::string& id, const Budget& budget);

    /// Of a job in doubt: asks the vendor once, where that tells something, without sending anything. Does
    /// nothing while another process works on it.
    JobRecord look(const std::string& id);

  private:
    enum class Verdict {
        settled,      ///< it is not in doubt any more
        sendable,     ///< the vendor does not have it, or deduplicates
        absent_once,  ///< to be asked again after the gap
        undecidable   ///< only a person can tell
    };

    Verdict look_at(JobRecord& job);
    Verdict accept_found(JobRecord& job, const std::vector<vendors::RemoteJob>& found);
    void send(JobRecord& job, const Budget& budget);
    /// `sending`, durable, within budget and rate.
    void begin(JobRecord& job, const std::string& body, const Budget& budget);
    vendors::SubmitOutcome attempt(JobRecord& job, const std::string& body);

    void accept(JobRecord& job, const std::string& vendor_id, const std::string& message);
    [[noreturn]] void refuse(JobRecord& job, const Error& error);
    void doubt(JobRecord& job, const std::string& why);
    void sleep_until_second_look(const JobRecord& job);

    Journal& journal_;
    vendors::Service& service_;
    Clock& clock_;
    const DeskOptions& options_;
};

/// One change of one job in a transaction; the job as it is then.
JobRecord change_job(Journal& journal, const std::string& id, const std::string& detail,
                     const std::function<void(JobRecord&)>& edit);

/// Throws Error(outcome_unknown) with what is known and what to do.
[[noreturn]] void throw_in_doubt(const JobRecord& job);

}  // namespace qdcnn::run
