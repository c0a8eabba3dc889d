#include "cli/progress.h"

#include <fmt/format.h>

#include <cmath>
#include <ostream>

namespace qdcnn::cli {
namespace {

constexpr std::chrono::milliseconds kRedraw{100};
constexpr std::chrono::seconds kPlainLine{10};
constexpr int kBarWidth = 24;

std::string time_left(double seconds) {
    if (seconds < 60) return fmt::format("{:.0f} s", seconds);
    if (seconds < 3600)
        return fmt::format("{:.0f} min {:02.0f} s", std::floor(seconds / 60), std::fmod(seconds, 60));
    return fmt::format("{:.1f} h", seconds / 3600);
}

}  // namespace

Progress::Progress(Console& console, std::string what)
    : console_(console), what_(std::move(what)), start_(Clock::now()), last_shown_(start_) {}

Progress::~Progress() {
    if (bar_is_drawn_) console_.err << "\r\x1b[K" << std::flush;
}

void Progress::update(std::size_t done, std::size_t total, const std::string& details) {
    const auto now = Clock::now();
    const auto since = now - last_shown_;
    if (console_.err_is_terminal ? since < kRedraw : since < kPlainLine) return;
    last_shown_ = now;
    const double elapsed = std::chrono::duration<double>(now - start_).count();
    const double share = total > 0 ? static_cast<double>(done) / static_cast<double>(total) : 0.0;
    const std::string left = share > 0 ? time_left(elapsed / share - elapsed) : "?";
    if (console_.err_is_terminal) {
        const int filled = static_cast<int>(share * kBarWidth);
        console_.err << fmt::format("\r\x1b[K{} [{:=<{}}{: <{}}] {}/{}  {} left  {}", what_, "", filled, "",
                                    kBarWidth - filled, done, total, left, details)
                     << std::flush;
        bar_is_drawn_ = true;
    } else {
        console_.err << fmt::format("{}: {} of {}, {} left  {}", what_, done, total, left, details)
                     << std::endl;
    }
}

}  // namespace qdcnn::cli
