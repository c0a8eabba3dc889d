#include "qdcnn/base/error.h"

#include <utility>

namespace qdcnn {

Error::Error(ErrorKind kind, const std::string& message, std::string hint)
    : std::runtime_error(message), kind_(kind), hint_(std::move(hint)) {}

Error Error::at(Position position) const {
    Error copy = *this;
    copy.position_ = std::move(position);
    return copy;
}

Error Error::with_context(const std::string& context) const {
    Error copy(kind_, context + ": " + what(), hint_);
    copy.position_ = position_;
    return copy;
}

const char* to_string(ErrorKind kind) {
    switch (kind) {
        case ErrorKind::usage:
            return "usage";
        case ErrorKind::invalid_input:
            return "invalid_input";
        case ErrorKind::parse:
            return "parse";
        case ErrorKind::unsupported:
            return "unsupported";
        case ErrorKind::not_found:
            return "not_found";
        case ErrorKind::auth:
            return "auth";
        case ErrorKind::quota:
            return "quota";
        case ErrorKind::budget:
            return "budget";
        case ErrorKind::rate_limited:
            return "rate_limited";
        case ErrorKind::network:
            return "network";
        case ErrorKind::timeout:
            return "timeout";
        case ErrorKind::vendor:
            return "vendor";
        case ErrorKind::job_failed:
            return "job_failed";
        case ErrorKind::outcome_unknown:
            return "outcome_unknown";
        case ErrorKind::storage:
            return "storage";
        case ErrorKind::out_of_memory:
            return "out_of_memory";
        case ErrorKind::cancelled:
            return "cancelled";
        case ErrorKind::internal:
            return "internal";
    }
    return "internal";
}

int exit_code(ErrorKind kind) {
    switch (kind) {
        case ErrorKind::job_failed:
            return 1;
        case ErrorKind::usage:
            return 2;
        case ErrorKind::invalid_input:
        case ErrorKind::parse:
        case ErrorKind::unsupported:
        case ErrorKind::not_found:
            return 3;
        case ErrorKind::auth:
            return 4;
        case ErrorKind::network:
            return 5;
        case ErrorKind::vendor:
        case ErrorKind::quota:
        case ErrorKind::rate_limited:
            return 6;
        case ErrorKind::budget:
            return 7;
        case ErrorKind::timeout:
            return 8;
        case ErrorKind::outcome_unknown:
            return 9;
        case ErrorKind::storage:
        case ErrorKind::out_of_memory:
            return 10;
        case ErrorKind::cancelled:
            return 130;
        case ErrorKind::internal:
            return 70;
    }
    return 70;
}

}  // namespace qdcnn
