#include "qdcnn/server/rehearsal.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

#include "qdcnn/base/error.h"
#include "qdcnn/base/files.h"
#include "server/client.h"
#include "server/detached_process.h"

namespace qdcnn::server {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

bool ends_within(int process, std::chrono::milliseconds limit) {
    const auto end = std::chrono::steady_clock::now() + limit;
    while (std::chrono::steady_clock::now() < end) {
        if (!process_runs(process)) return true;
        std::this_thread::sleep_for(20ms);
    }
    return false;
}

class RehearsalTest : public testing::Test {
  protected:
    RehearsalTest() {
        const auto* test = testing::UnitTest::GetInstance()->current_test_info();
        folder_ = fs::temp_directory_path() / (std::string("qdcnn_rehearsal_") + test->name());
        fs::remove_all(folder_);
        settings_.state_folder = folder_;
        settings_.program = QDCNN_PROGRAM;
        settings_.idle_limit = std::chrono::seconds(30);
    }
    ~RehearsalTest() override {
        for (const int process : started_)
            if (process_runs(process)) ::kill(process, SIGKILL);
        for (const int process : started_) ends_within(process, 5s);
        fs::remove_all(folder_);
    }

    Rehearsal ensure() {
        const Rehearsal found = ensure_rehearsal(settings_);
        if (found.is_new) started_.push_back(found.process);
        return found;
    }

    fs::path folder_;
    RehearsalSettings settings_;
    std::vector<int> started_;
};

TEST_F(RehearsalTest, IsStartedOnceAndFoundAgain) {
    const Rehearsal first = ensure();
    EXPECT_TRUE(first.is_new);
    const Rehearsal second = ensure();
    EXPECT_FALSE(second.is_new);
    EXPECT_EQ(second.process, first.process);
    EXPECT_EQ(second.url, first.url);
    EXPECT_EQ(second.token, first.token);
    EXPECT_EQ(first.api_url, first.url + "/experimental/api/v1");
    EXPECT_EQ(first.catalog_url, first.url + "/catalog");
    EXPECT_TRUE(first.instance.starts_with("crn:v1:"));
    // It is nobody's child and leads no session of ours.
    EXPECT_NE(::getsid(first.process), ::getsid(0));
}

TEST_F(RehearsalTest, KeepsItsKeyToItself) {
    const Rehearsal found = ensure();
    struct stat note {
    }, folder{};
    ASSERT_EQ(::stat((folder_ / "rehearsal.json").c_str(), &note), 0);
    ASSERT_EQ(::stat(folder_.c_str(), &folder), 0);
    EXPECT_EQ(note.st_mode & 0777, 0600U);
    EXPECT_EQ(folder.st_mode & 0777, 0700U);
    const std::string command_line = read_file("/proc/" + std::to_string(found.process) + "/cmdline");
    EXPECT_EQ(command_line.find(found.token), std::string::npos);
    EXPECT_EQ(read_file(folder_ / "rehearsal.log").find(found.token), std::string::npos);
}

TEST_F(RehearsalTest, OneComesOfManyCallsAtOnce) {
    std::vector<Rehearsal> found(6);
    std::vector<std::thread> threads;
    for (Rehearsal& one : found) threads.emplace_back([&] { one = ensure_rehearsal(settings_); });
    for (std::thread& thread : threads) thread.join();
    int starts = 0;
    for (const Rehearsal& one : found) {
        EXPECT_EQ(one.process, found[0].process);
        starts += one.is_new ? 1 : 0;
    }
    started_.push_back(found[0].process);
    EXPECT_EQ(starts, 1);
}

TEST_F(RehearsalTest, AKilledOneIsReplaced) {
    const Rehearsal first = ensure();
    ::kill(first.process, SIGKILL);
    ASSERT_TRUE(ends_within(first.process, 5s));
    const Rehearsal second = ensure();
    EXPECT_TRUE(second.is_new);
    EXPECT_NE(second.process, first.process);
    // A note that names a process which is another now, or nothing at all, misleads nobody.
    ::kill(second.process, SIGKILL);
    ASSERT_TRUE(ends_within(second.process, 5s));
    for (const std::string& note : {std::string("{"), std::string(),
                                    "{\"url\": \"" + second.url + "\", \"process\": " +
                                        std::to_string(::getpid()) + ", \"environment\": []}"}) {
        std::ofstream(folder_ / "rehearsal.json") << note;
        const Rehearsal next = ensure();
        EXPECT_TRUE(next.is_new);
        ::kill(next.process, SIGKILL);
        ASSERT_TRUE(ends_within(next.process, 5s));
    }
}

TEST_F(RehearsalTest, EndsWhenIdleAndTakesItsNoteAway) {
    settings_.idle_limit = std::chrono::seconds(1);
    const Rehearsal found = ensure();
    EXPECT_TRUE(ends_within(found.process, 10s));
    EXPECT_FALSE(exists(folder_ / "rehearsal.json"));
    EXPECT_TRUE(ensure().is_new);
}

TEST_F(RehearsalTest, SaysWhyNoneCameUp) {
    // Another server has the folder.
    fs::create_directories(folder_);
    Settings other = quick_settings();
    other.state_folder = folder_;
    const Server server(other);
    try {
        ensure();
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::network);
        EXPECT_NE(std::string(error.what()).find("another server"), std::string::npos) << error.what();
    }
    settings_.program = "/nowhere/qdcnn";
    EXPECT_THROW(ensure(), Error);
}

}  // namespace
}  // namespace qdcnn::server
