// The program qdcnn: signals and streams; everything else is in the library.
#include <unistd.h>

#include <csignal>
#include <iostream>

#include "qdcnn/base/interrupt.h"
#include "qdcnn/cli/main.h"

namespace {

void on_signal(int number) {
    // The second one ends the process at once.
    std::signal(number, SIG_DFL);
    qdcnn::interrupt().set(number);
}

}  // namespace

int main(int argc, char** argv) {
    std::signal(SIGINT, on_signal);
    std::signal(SIGTERM, on_signal);
    std::signal(SIGPIPE, SIG_IGN);
    std::ios::sync_with_stdio(false);
    return qdcnn::cli::main({argv + 1, argv + argc}, std::cout, std::cerr, isatty(STDERR_FILENO) != 0);
}
