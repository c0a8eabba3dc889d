#pragma once

#include <iosfwd>

namespace qdcnn::cli {

/// Where a command writes: the answer to `out`, all else to `err`.
struct Console {
    std::ostream& out;
    std::ostream& err;
    /// Progress bars are redrawn on a terminal, plain lines now and then elsewhere.
    bool err_is_terminal = false;
};

}  // namespace qdcnn::cli
