#pragma once

#include <iosfwd>

#include "qdcnn/accounts/settings.h"
#include "qdcnn/accounts/surroundings.h"
#include "qdcnn/run/remote_device.h"

namespace qdcnn::cli {

/// Where a command writes: the answer to `out`, all else to `err`.
struct Console {
    std::ostream& out;
    std::ostream& err;
    /// Progress bars are redrawn on a terminal, plain lines now and then elsewhere.
    bool err_is_terminal = false;
    /// Of vendors in place of those that are known; may be empty.
    run::ServiceOpener open_service{};
    accounts::Surroundings surroundings{};
    /// With the flags of the command that runs.
    accounts::Settings settings{};
};

}  // namespace qdcnn::cli
