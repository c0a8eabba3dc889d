#include "qdcnn/base/log.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <thread>
#include <vector>

#include "qdcnn/base/error.h"
#include "qdcnn/base/files.h"
#include "qdcnn/base/redact.h"

namespace qdcnn {
namespace {

namespace fs = std::filesystem;

class Log : public testing::Test {
  protected:
    void SetUp() override {
        folder = fs::temp_directory_path() / ("qdcnn.log." + std::to_string(::getpid()));
        fs::create_directories(folder);
        path = folder / "log";
    }
    void TearDown() override {
        open_log(LogLevel::off);
        fs::remove_all(folder);
    }
    std::string content() const { return read_file(path); }

    fs::path folder;
    std::string path;
};

TEST_F(Log, IsOffUntilItIsOpened) {
    EXPECT_FALSE(log_is_on(LogLevel::error));
    EXPECT_FALSE(log_is_on(LogLevel::off));
    testing::internal::CaptureStderr();
    log_line(LogLevel::error, "canary");
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

TEST_F(Log, WritesWhatIsUrgentEnough) {
    open_log(LogLevel::info, path);
    EXPECT_TRUE(log_is_on(LogLevel::error));
    EXPECT_FALSE(log_is_on(LogLevel::debug));
    log_line(LogLevel::debug, "too fine");
    log_line(LogLevel::info, "first {} %s");
    log_line(LogLevel::error, "second");
    open_log(LogLevel::off);
    log_line(LogLevel::error, "too late");
    EXPECT_EQ(content().find("too"), std::string::npos);
    EXPECT_NE(content().find(" info ["), std::string::npos);
    EXPECT_NE(content().find("] first {} %s\n"), std::string::npos);
    EXPECT_NE(content().find(" error ["), std::string::npos);
    // Opened again it goes on.
    open_log(LogLevel::error, path);
    log_line(LogLevel::error, "third");
    EXPECT_EQ(std::ranges::count(content(), '\n'), 3);
}

TEST_F(Log, GoesToStderrWithoutAFile) {
    testing::internal::CaptureStderr();
    open_log(LogLevel::debug);
    log_line(LogLevel::debug, "to stderr");
    EXPECT_NE(testing::internal::GetCapturedStderr().find("to stderr\n"), std::string::npos);
}

TEST_F(Log, HoldsNoSecretAndNoForgedLine) {
    redactor().add_secret("log-canary-1");
    open_log(LogLevel::debug, path);
    log_line(LogLevel::debug,
             "a log-canary-1 b Authorization: Bearer log-canary-2\r\n2030-01-01 error [1] forged\x1b[31m");
    EXPECT_EQ(content().find("canary"), std::string::npos);
    EXPECT_EQ(std::ranges::count(content(), '\n'), 1);
    EXPECT_NE(content().find("[redacted]\\x0d\\x0a2030"), std::string::npos) << content();
    EXPECT_NE(content().find("\\x1b[31m"), std::string::npos);
}

TEST_F(Log, FileIsForItsOwnerOnly) {
    open_log(LogLevel::debug, path);
    struct stat status {};
    ASSERT_EQ(::stat(path.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777, 0600u);
}

TEST_F(Log, RefusesAFileThatOthersMayReadAndWhatIsNoFile) {
    const auto refusal = [](const std::string& place) {
        try {
            open_log(LogLevel::debug, place);
        } catch (const Error& error) {
            return std::string(to_string(error.kind())) + ": " + error.what();
        }
        return std::string("opened");
    };
    write_file_atomic(path, "");
    ::chmod(path.c_str(), 0640);
    EXPECT_NE(refusal(path).find("mode 0640"), std::string::npos) << refusal(path);
    const std::string link = folder / "link";
    fs::create_symlink(folder / "elsewhere", link);
    EXPECT_EQ(refusal(link).rfind("storage: ", 0), 0u);
    EXPECT_EQ(refusal(folder).rfind("storage: ", 0), 0u);
    EXPECT_EQ(refusal(folder / "missing" / "log").rfind("storage: ", 0), 0u);
    const std::string pipe = folder / "pipe";
    ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
    EXPECT_EQ(refusal(pipe).rfind("storage: ", 0), 0u);
}

TEST_F(Log, ThreadsDoNotMixTheirLines) {
    open_log(LogLevel::debug, path);
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([] {
            for (int k = 0; k < 200; ++k) log_line(LogLevel::debug, std::string(100, 'x'));
        });
    for (auto& thread : threads) thread.join();
    const std::string text = content();
    EXPECT_EQ(std::ranges::count(text, '\n'), 800);
    EXPECT_EQ(std::ranges::count(text, 'x'), 80'000);
    for (std::size_t at = text.find('x'); at != std::string::npos; at = text.find('x', text.find('\n', at)))
        ASSERT_EQ(text.substr(at, 101), std::string(100, 'x') + "\n");
}

TEST(LogLevel, ByName) {
    EXPECT_EQ(log_level("debug"), LogLevel::debug);
    EXPECT_EQ(log_level("off"), LogLevel::off);
    try {
        log_level("debgu");
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::usage);
        EXPECT_EQ(error.hint(), "Did you mean \"debug\"?");
    }
}

}  // namespace
}  // namespace qdcnn
