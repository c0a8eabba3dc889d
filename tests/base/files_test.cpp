#include "qdcnn/base/files.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <filesystem>
#include <sstream>
#include <thread>

#include "base/memory_limits.h"
#include "qdcnn/base/error.h"
#include "qdcnn/base/memory.h"
#include "qdcnn/base/resources.h"
#include "qdcnn/base/suggest.h"

namespace qdcnn {
namespace {

class Files : public testing::Test {
  protected:
    void SetUp() override {
        folder_ =
            std::filesystem::path(testing::TempDir()) /
            ("qdcnn_files_" + std::string(testing::UnitTest::GetInstance()->current_test_info()->name()));
        std::filesystem::remove_all(folder_);
        make_folders(folder_.string());
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }
    std::string path(const std::string& name) const { return (folder_ / name).string(); }
    std::size_t files() const {
        return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder_), {}));
    }

    std::filesystem::path folder_;
};

TEST_F(Files, WritesAndReplaces) {
    write_file_atomic(path("a"), "one");
    write_file_atomic(path("a"), std::string("t\0o", 3));
    EXPECT_EQ(read_file(path("a")), std::string("t\0o", 3));
    EXPECT_EQ(files(), 1u) << "no temporary file stays";
}

TEST_F(Files, MissingFileIsNotFound) {
    try {
        read_file(path("none"));
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::not_found);
        EXPECT_NE(std::string(error.what()).find(path("none")), std::string::npos);
    }
    EXPECT_THROW(read_file(folder_.string()), Error) << "a folder is no file";
}

TEST_F(Files, AFullDiskLeavesTheOldContent) {
    write_file_atomic(path("a"), "old");
    // A limit on the size of files acts like a full disk.
    std::signal(SIGXFSZ, SIG_IGN);
    rlimit before{};
    getrlimit(RLIMIT_FSIZE, &before);
    rlimit small = before;
    small.rlim_cur = 1000;
    setrlimit(RLIMIT_FSIZE, &small);
    ErrorKind kind = ErrorKind::internal;
    try {
        write_file_atomic(path("a"), std::string(100000, 'x'));
    } catch (const Error& error) {
        kind = error.kind();
    }
    setrlimit(RLIMIT_FSIZE, &before);
    EXPECT_EQ(kind, ErrorKind::storage);
    EXPECT_EQ(read_file(path("a")), "old");
    EXPECT_EQ(files(), 1u) << "no temporary file stays";
}

TEST_F(Files, ALinkStaysALink) {
    write_file_atomic(path("a"), "old");
    std::filesystem::create_symlink(path("a"), path("link"));
    write_file_atomic(path("link"), "new");
    EXPECT_TRUE(std::filesystem::is_symlink(path("link")));
    EXPECT_EQ(read_file(path("a")), "new");
}

TEST_F(Files, ALinkToNothingMakesItsFile) {
    std::filesystem::create_symlink("later", path("link"));  // relative to the link
    write_file_atomic(path("link"), "new");
    EXPECT_TRUE(std::filesystem::is_symlink(path("link")));
    EXPECT_EQ(read_file(path("later")), "new");
}

TEST_F(Files, PermissionsStay) {
    write_file_atomic(path("a"), "old");
    ASSERT_EQ(::chmod(path("a").c_str(), 0600), 0);
    write_file_atomic(path("a"), "new");
    struct stat status {};
    ASSERT_EQ(::stat(path("a").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777, 0600u);
}

TEST_F(Files, ThreadsMayWriteOnePath) {
    std::atomic<int> failures{0};
    std::vector<std::thread> writers;
    for (const char letter : {'a', 'b', 'c'})
        writers.emplace_back([&, letter] {
            for (int i = 0; i < 30; ++i) try {
                    write_file_atomic(path("a"), std::string(10000, letter));
                } catch (const Error&) {
                    ++failures;
                }
        });
    for (std::thread& writer : writers) writer.join();
    EXPECT_EQ(failures, 0);
    const std::string content = read_file(path("a"));
    EXPECT_EQ(content, std::string(10000, content.at(0)));
    EXPECT_EQ(files(), 1u) << "no temporary file stays";
}

TEST_F(Files, ExistenceIsAskedWithoutErrors) {
    write_file_atomic(path("a"), "");
    EXPECT_TRUE(exists(path("a")));
    EXPECT_FALSE(is_folder(path("a")));
    EXPECT_TRUE(is_folder(folder_.string()));
    EXPECT_FALSE(exists(path("none")));
    EXPECT_FALSE(exists(path("a") + "/below"));
    EXPECT_FALSE(is_folder(std::string(5000, 'x')));
}

TEST_F(Files, APipeIsWrittenToNotReplaced) {
    ASSERT_EQ(::mkfifo(path("pipe").c_str(), 0600), 0);
    // Opened for reading too, so that neither end waits for the other.
    const int reader = ::open(path("pipe").c_str(), O_RDWR);
    ASSERT_GE(reader, 0);
    write_file_atomic(path("pipe"), "through");
    char buffer[16];
    EXPECT_EQ(::read(reader, buffer, sizeof buffer), 7);
    EXPECT_EQ(std::string(buffer, 7), "through");
    ::close(reader);
    EXPECT_TRUE(std::filesystem::is_fifo(path("pipe")));
}

TEST_F(Files, AFullDeviceIsAStorageErrorAndStaysADevice) {
    try {
        write_file_atomic("/dev/full", "x");
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::storage);
        EXPECT_NE(error.hint(), "");
    }
    EXPECT_TRUE(std::filesystem::is_character_file("/dev/full"));
}

TEST_F(Files, AFolderThatCannotBeMadeIsAStorageError) {
    write_file_atomic(path("a"), "");
    try {
        make_folders(path("a") + "/below");
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::storage);
    }
}

TEST(Resources, HoldTheFolderQasm) {
    ASSERT_TRUE(resource("examples/bell.qasm").has_value());
    EXPECT_EQ(std::string(*resource("examples/bell.qasm")),
              read_file(std::string(QDCNN_SOURCE_DIR) + "/qasm/examples/bell.qasm"));
    EXPECT_FALSE(resource("examples/none.qasm").has_value());
    EXPECT_FALSE(resources_below("examples").empty());
}

TEST(Suggest, FindsSlipsAndLeavesStrangers) {
    const std::vector<std::string> names{"ibm_torino", "ibm_sherbrooke", "iqm_garnet"};
    EXPECT_EQ(nearest_name("ibm_turino", names), "ibm_torino");
    EXPECT_EQ(nearest_name("Sherbrooke", names), "ibm_sherbrooke");
    EXPECT_EQ(nearest_name("zzzzzzzz", names), "");
    EXPECT_EQ(suggestion("zzzzzzzz", names), "Known: ibm_torino, ibm_sherbrooke, iqm_garnet.");
}

TEST_F(Files, MemoryIsBoundedByTheTightestGroup) {
    make_folders(path("a/b"));
    const std::string root = folder_.string();
    EXPECT_EQ(cgroup_available(root, "/a/b"), ~std::uint64_t{0});
    write_file_atomic(path("a/b/memory.max"), "max\n");
    write_file_atomic(path("a/memory.max"), "1000\n");
    write_file_atomic(path("a/memory.current"), "900\n");
    write_file_atomic(path("a/memory.stat"), "anon 300\ninactive_file 600\nactive_file 0\n");
    write_file_atomic(path("memory.max"), "5000\n");
    EXPECT_EQ(cgroup_available(root, "/a/b"), 700u);
    EXPECT_EQ(cgroup_available(root, "/a/none/"), 700u);
    EXPECT_EQ(cgroup_available(root, "/"), 5000u);
    EXPECT_EQ(cgroup_available(root, ""), 5000u);
    write_file_atomic(path("memory.current"), "9000\n");
    EXPECT_EQ(cgroup_available(root, "/a"), 0u) << "over the limit, nothing is left";
}

TEST(Memory, AddressSpaceInUseDoesNotCount) {
    constexpr std::uint64_t kRoom = std::uint64_t{64} << 20;
    std::uint64_t pages = 0;
    std::istringstream(read_file("/proc/self/statm")) >> pages;
    rlimit before{};
    getrlimit(RLIMIT_AS, &before);
    rlimit tight = before;
    tight.rlim_cur = pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)) + kRoom;
    ASSERT_EQ(setrlimit(RLIMIT_AS, &tight), 0);
    const std::uint64_t left = available_memory();
    setrlimit(RLIMIT_AS, &before);
    EXPECT_LE(left, kRoom);
    EXPECT_GT(left, kRoom / 2);
}

TEST(Memory, SaysHowMuchIsNeededAndFree) {
    EXPECT_GT(available_memory(), 1u << 20);
    EXPECT_NO_THROW(require_memory(1 << 20, "a megabyte"));
    try {
        require_memory(std::uint64_t{1} << 50, "a density matrix of 23 qubits");
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::out_of_memory);
        EXPECT_EQ(exit_code(error.kind()), 10);
        EXPECT_NE(std::string(error.what()).find("a density matrix of 23 qubits needs 1.05e+06 GiB"),
                  std::string::npos)
            << error.what();
    }
}

}  // namespace
}  // namespace qdcnn
