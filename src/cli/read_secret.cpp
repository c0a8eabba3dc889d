#include "cli/read_secret.h"

#include <fmt/format.h>
#include <signal.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ostream>

#include "qdcnn/base/error.h"
#include "qdcnn/base/files.h"
#include "qdcnn/base/interrupt.h"
#include "qdcnn/base/redact.h"

namespace qdcnn::cli {
namespace {

constexpr std::size_t kLongest = 1 << 14;

/// The terminal of standard input without echo, for as long as this lives.
class SilentTerminal {
  public:
    SilentTerminal() {
        if (::tcgetattr(STDIN_FILENO, &before_) != 0)
            throw Error(ErrorKind::storage, "the terminal cannot be silenced",
                        "Give the token with --token-file or on standard input.");
        termios silent = before_;
        silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        silent.c_lflag |= ECHONL;
        ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
    }
    ~SilentTerminal() { ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_); }
    SilentTerminal(const SilentTerminal&) = delete;
    SilentTerminal& operator=(const SilentTerminal&) = delete;

  private:
    termios before_{};
};

void on_signal(int number) { interrupt().set(number); }

/// SIGINT and SIGTERM end a read that waits, instead of being taken up again behind it, and none of them ends
/// the process before the terminal is as it was.
class InterruptibleReads {
  public:
    InterruptibleReads() {
        struct sigaction action {};
        action.sa_handler = on_signal;
        ::sigemptyset(&action.sa_mask);
        ::sigaction(SIGINT, &action, &before_int_);
        ::sigaction(SIGTERM, &action, &before_term_);
    }
    ~InterruptibleReads() {
        ::sigaction(SIGINT, &before_int_, nullptr);
        ::sigaction(SIGTERM, &before_term_, nullptr);
    }
    InterruptibleReads(const InterruptibleReads&) = delete;
    InterruptibleReads& operator=(const InterruptibleReads&) = delete;

  private:
    struct sigaction before_int_ {};
    struct sigaction before_term_ {};
};

/// Standard input up to its end, or to the end of a line. Not by std::cin: what that keeps in its buffer
/// would stay in memory and be lost to a child.
std::string read_input(bool one_line) {
    std::string text;
    char character = 0;
    while (text.size() <= kLongest) {
        interrupt().throw_if_interrupted();
        const ssize_t count = ::read(STDIN_FILENO, &character, 1);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0 || (one_line && character == '\n')) break;
        text += character;
    }
    return text;
}

std::string ask(const std::string& prompt, std::ostream& err) {
    const InterruptibleReads reads;
    const SilentTerminal silent;
    err << prompt << std::flush;
    return read_input(true);
}

}  // namespace

std::string read_secret(const std::optional<std::string>& file, const std::string& prompt,
                        std::ostream& err) {
    std::string text;
    if (file && *file != "-")
        text = read_file(*file);
    else if (!file && ::isatty(STDIN_FILENO) != 0)
        text = ask(prompt, err);
    else
        text = read_input(false);
    const char* blanks = " \t\r\n";
    const std::size_t first = text.find_first_not_of(blanks);
    if (first == std::string::npos)
        throw Error(ErrorKind::invalid_input, "the token is empty",
                    "Type it, or give it with --token-file FILE or on standard input.");
    text = text.substr(first, text.find_last_not_of(blanks) - first + 1);
    redactor().add_secret(text);
    const bool is_printable =
        std::all_of(text.begin(), text.end(), [](unsigned char c) { return c > ' ' && c < 0x7f; });
    if (!is_printable || text.size() > kLongest)
        throw Error(
            ErrorKind::invalid_input,
            fmt::format("this is no token: {} characters, expected printable ones in one word", text.size()));
    return text;
}

}  // namespace qdcnn::cli
