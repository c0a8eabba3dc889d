#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <initializer_list>
#include <string>
#include <string_view>

#include "qdcnn/base/error.h"

namespace qdcnn::fuzz {

/// The bytes of one run, taken from the front.
class Input {
  public:
    Input(const std::uint8_t* data, std::size_t size) : left_(reinterpret_cast<const char*>(data), size) {}

    /// 0 at the end.
    std::uint8_t byte() {
        const std::string one = text(1);
        return one.empty() ? 0 : static_cast<std::uint8_t>(one[0]);
    }
    /// At most that many.
    std::string text(std::size_t size) {
        const std::string taken(left_.substr(0, size));
        left_.remove_prefix(taken.size());
        return taken;
    }
    /// Up to the next line end, which is taken too.
    std::string line() {
        const std::string taken = text(std::min(left_.find('\n'), left_.size()));
        text(1);
        return taken;
    }
    std::string rest() { return text(left_.size()); }

  private:
    std::string_view left_;
};

[[noreturn]] inline void fail(std::string_view what, std::string_view about = {}) {
    std::fprintf(stderr, "%.*s\n%.*s\n", static_cast<int>(what.size()), what.data(),
                 static_cast<int>(about.size()), about.data());
    std::abort();
}

inline void expect(bool holds, std::string_view what, std::string_view about = {}) {
    if (!holds) fail(what, about);
}

/// Runs it. Returns the message of an error of these kinds, nothing else than which may be thrown; empty
/// where nothing is.
template <typename Run>
std::string message_of(std::initializer_list<ErrorKind> kinds, Run run) {
    try {
        run();
    } catch (const Error& error) {
        expect(std::find(kinds.begin(), kinds.end(), error.kind()) != kinds.end(), "an error of a wrong kind",
               error.what());
        return std::string(error.what()) + error.hint();
    }
    return {};
}

}  // namespace qdcnn::fuzz
