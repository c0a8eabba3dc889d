#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "http/curl_handles.h"
#include "http/url.h"
#include "qdcnn/http/transport.h"

namespace qdcnn::http {

/// Throws Error(invalid_input) when the request may not be sent at all.
void require_sendable(const Request& request);

/// One request on its way: the handle, what its callbacks gather, and what became of it. Stays at its place
/// in memory, which curl keeps. The request and the settings outlive it.
class Transfer {
  public:
    using TimePoint = std::chrono::steady_clock::time_point;

    /// The time limit runs from here.
    Transfer(const Request& request, const TransportSettings& settings);
    Transfer(const Transfer&) = delete;
    Transfer& operator=(const Transfer&) = delete;

    CURL* handle() const { return handle_.get(); }

    /// After curl is done with the handle: the outcome, or nothing where a redirect has been set up and the
    /// handle is to go on.
    std::optional<Outcome> finish(CURLcode code);

    /// What became of it when it is given up now.
    Failure give_up(FailureKind kind) const;

    Reach reach() const;
    bool is_submit() const { return effect_of(*request_) == Effect::once; }

  private:
    void set_up();
    void set_up_method();
    void set_up_headers();
    void set_up_security();
    Outcome outcome_of(CURLcode code) const;
    std::optional<Outcome> follow();
    Failure failure(FailureKind kind, const std::string& reason) const;
    /// From a callback: ends the transfer with this failure.
    void abort(FailureKind kind, const char* reason);
    bool take_header_line(std::string_view line);
    bool finish_headers();

    static int before_request(void* self, char*, char*, int, int);
    static std::size_t take_header(char* data, std::size_t size, std::size_t count, void* self);
    static std::size_t take_body(char* data, std::size_t size, std::size_t count, void* self);

    const Request* request_;
    const TransportSettings* settings_;
    const TimePoint deadline_;
    EasyHandle handle_;
    StringList header_list_;
    std::string url_text_;
    Url url_;
    int redirects_ = 0;

    char error_[CURL_ERROR_SIZE] = {};
    int times_sent_ = 0;
    std::size_t header_bytes_ = 0;
    bool headers_are_complete_ = false;
    Response response_;  // status 0 until the final status line
    std::optional<FailureKind> aborted_;
    const char* abort_reason_ = "";
};

}  // namespace qdcnn::http
