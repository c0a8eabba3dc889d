#pragma once

#include <string>

#include "qdcnn/base/error.h"
#include "qdcnn/http/message.h"

namespace qdcnn::vendors::ibm {

/// What the service says went wrong. Empty where it does not say.
struct Fault {
    /// Of IBM's registry, for example "1202"; IAM's begin with letters.
    std::string code{};
    std::string message{};
    std::string solution{};
};

/// From any form of body: {"errors": [{code, message, solution}]}, {"error": {code, message}}, IAM's
/// {"errorCode", "errorMessage"}, or something else, which says nothing. One line each, of bounded length,
/// without secrets.
Fault read_fault(const std::string& body);

/// A reply that is no success, as an error. doing: what was asked for, as "submitting the job".
Error error_of(const http::Response& response, const std::string& doing);

/// A failure or such a reply.
Error error_of(const http::Outcome& outcome, const std::string& doing);

/// That what came as a success is not what was asked for. why: without anything of the reply's text.
Error unreadable(const std::string& doing, const std::string& why);

/// What `read` makes of a reply. What it finds wrong there is the service's doing, not the user's: parse and
/// invalid_input come out as `vendor`.
template <typename Read>
auto reading(const std::string& doing, Read read) {
    try {
        return read();
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::parse && error.kind() != ErrorKind::invalid_input) throw;
        throw unreadable(doing, error.what());
    }
}

}  // namespace qdcnn::vendors::ibm
