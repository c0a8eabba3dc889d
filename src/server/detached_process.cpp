#include "detached_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fstream>
#include <sstream>

#include "qdcnn/base/error.h"

namespace qdcnn::server {
namespace {

[[noreturn]] void fail(const std::string& what) {
    throw Error(ErrorKind::internal, fmt::format("cannot {}: {}", what, std::strerror(errno)));
}

/// In the process to be. After a fork of a process with threads only calls to the kernel are safe.
[[noreturn]] void become(char* const* command, int log) {
    const int nothing = ::open("/dev/null", O_RDONLY);
    ::dup2(nothing, STDIN_FILENO);
    ::dup2(log, STDOUT_FILENO);
    ::dup2(log, STDERR_FILENO);
    ::syscall(SYS_close_range, 3U, ~0U, 0U);
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::execv(command[0], command);
    constexpr char kMessage[] = "the program cannot be run\n";
    [[maybe_unused]] const auto written = ::write(STDERR_FILENO, kMessage, sizeof kMessage - 1);
    ::_exit(127);
}

}  // namespace

int start_detached(const std::vector<std::string>& command, const std::string& log_path) {
    const int log = ::open(log_path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (log < 0)
        throw Error(ErrorKind::storage, fmt::format("cannot write {}: {}", log_path, std::strerror(errno)));
    std::vector<char*> arguments;
    for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    int news[2];
    if (::pipe2(news, O_CLOEXEC) != 0) fail("make a pipe");
    const pid_t middle = ::fork();
    if (middle < 0) fail("start a process");
    if (middle == 0) {
        // The leader of the session ends at once, so that its child belongs to nobody and gets no terminal.
        ::setsid();
        const pid_t process = ::fork();
        if (process == 0) become(arguments.data(), log);
        [[maybe_unused]] const auto written = ::write(news[1], &process, sizeof process);
        ::_exit(0);
    }
    ::close(log);
    ::close(news[1]);
    pid_t process = -1;
    const auto count = ::read(news[0], &process, sizeof process);
    ::close(news[0]);
    while (::waitpid(middle, nullptr, 0) < 0 && errno == EINTR) {
    }
    if (count != sizeof process || process < 0)
        throw Error(ErrorKind::internal, "cannot start " + command.front());
    return process;
}

bool process_runs(int process) {
    std::ifstream file(fmt::format("/proc/{}/stat", process));
    std::ostringstream text;
    text << file.rdbuf();
    // pid (name) state ...: a name may hold anything.
    const std::size_t end = text.str().rfind(')');
    if (end == std::string::npos || end + 2 >= text.str().size()) return false;
    const char state = text.str()[end + 2];
    return state != 'Z' && state != 'X';
}

}  // namespace qdcnn::server
