#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>

#include "qdcnn/base/error.h"
#include "qdcnn/base/files.h"
#include "qdcnn/run/job_desk.h"
#include "qdcnn/run/journal.h"
#include "run/journal/documents.h"
#include "support/fake_cloud.h"
#include "support/temporary_folder.h"

// Every byte where the program runs at full speed, some where it does not.
#ifdef QDCNN_SANITIZED
constexpr std::size_t kStride = 41;
#else
constexpr std::size_t kStride = 1;
#endif

namespace qdcnn::run {
namespace {

using test::FakeCloud;
using test::plain_job;

/// What a reader of the journal learns.
std::string contents(Journal& journal) {
    std::string text;
    for (const auto& job : journal.list()) {
        text += write_document(job) + "\n";
        for (const auto& event : journal.events(job.id))
            text += fmt::format("{} {} {}\n", event.time, to_string(event.state), event.detail);
    }
    return text;
}

/// A folder in which one job is done and the sending of another is in the write-ahead log only.
class DamageTest : public ::testing::Test {
  protected:
    void SetUp() override {
        FakeCloud cloud(temporary / "cloud", {.queued_calls = 0, .running_calls = 0});
        {
            Journal journal(folder);
            JobDesk desk(journal, cloud, system_clock());
            desk.wait(desk.submit(plain_job("one")).id);
        }
        Journal journal(folder);
        JobDesk(journal, cloud, system_clock()).submit(plain_job("two"));
        truth = contents(journal);
        // While it is open the log is there.
        for (const char* name : {"journal.db", "journal.db-wal", "witness"})
            files[name] = read_file(folder + "/" + name);
        ASSERT_GT(files["journal.db-wal"].size(), 3U * 4096U);
    }

    void put(const std::string& name, const std::string& bytes) {
        const auto path = folder + "/" + name;
        const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        ASSERT_EQ(::write(file, bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
        ::close(file);
    }

    /// The folder with one file damaged, read. True when it was refused.
    bool is_refused(const std::string& name, const std::string& bytes, const std::string& what) {
        std::error_code ignored;
        std::filesystem::remove(folder + "/journal.db-shm", ignored);
        for (const auto& [other, content] : files) put(other, other == name ? bytes : content);
        try {
            Journal journal(folder);
            EXPECT_EQ(contents(journal), truth) << what;
            return false;
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), ErrorKind::storage) << what << ": " << error.what();
            EXPECT_NE(std::string(error.what()).find("job journal"), std::string::npos)
                << what << error.what();
            return true;
        }
    }

    struct Count {
        std::size_t refused = 0;
        std::size_t all = 0;
    };
    Count flip_each(const std::string& name) {
        Count count;
        for (std::size_t at = 0; at < files[name].size() && !HasFailure(); at += kStride, ++count.all) {
            auto bytes = files[name];
            // Another bit at each place, so that all kinds of change take place.
            bytes[at] = static_cast<char>(bytes[at] ^ (1 << (at % 8)));
            count.refused += is_refused(name, bytes, fmt::format("{}, byte {} flipped", name, at));
        }
        return count;
    }
    Count cut_each(const std::string& name) {
        Count count;
        for (std::size_t size = 0; size < files[name].size() && !HasFailure();
             size += 3 * kStride, ++count.all)
            count.refused +=
                is_refused(name, files[name].substr(0, size), fmt::format("{} cut to {} bytes", name, size));
        return count;
    }

    test::TemporaryFolder temporary;
    std::string folder = temporary / "jobs";
    std::string truth;
    std::map<std::string, std::string> files;
};

TEST_F(DamageTest, UnharmedItIsRead) { EXPECT_FALSE(is_refused("", "", "unharmed")); }

TEST_F(DamageTest, AFlippedByteOfTheDatabase) {
    const auto count = flip_each("journal.db");
    EXPECT_GT(count.refused, 0U);
}

TEST_F(DamageTest, AFlippedByteOfTheLog) {
    // SQLite drops a damaged log without a word: then the witness refuses.
    const auto count = flip_each("journal.db-wal");
    EXPECT_GT(count.refused, count.all / 2);
}

TEST_F(DamageTest, AFlippedByteOfTheWitness) { EXPECT_EQ(flip_each("witness").refused, 0U); }

TEST_F(DamageTest, ACutDatabase) {
    // Pages that the log has too are not missed.
    const auto count = cut_each("journal.db");
    EXPECT_GT(count.refused, count.all / 4);
}

TEST_F(DamageTest, ACutLog) {
    const auto count = cut_each("journal.db-wal");
    EXPECT_EQ(count.refused, count.all);
}

TEST_F(DamageTest, ACutWitness) { cut_each("witness"); }

TEST_F(DamageTest, AnOldCopyIsRefusedUntilSomebodySaysThatItIsRight) {
    // As if the whole second submit were in a log that was lost.
    std::filesystem::remove(folder + "/journal.db-wal");
    EXPECT_TRUE(is_refused("journal.db-wal", "", "an old copy"));
    std::filesystem::remove(folder + "/witness");
    Journal journal(folder);
    EXPECT_EQ(journal.list().size(), 1U);
}

TEST_F(DamageTest, ALostDatabaseIsNotAnEmptyOne) {
    EXPECT_TRUE(is_refused("journal.db", "", "no database"));
    std::filesystem::remove(folder + "/journal.db");
    std::filesystem::remove(folder + "/journal.db-wal");
    EXPECT_THROW(Journal{folder}, Error);
}

/// Without the checks of the file system's and the witness's: for the fuzzer, and byte by byte with every
/// bit.
TEST_F(DamageTest, BytesInMemory) {
    {
        Journal journal(folder);  // Closing it puts the log into the database.
    }
    auto bytes = read_file(folder + "/journal.db");
    const auto jobs = read_journal_bytes(bytes);
    ASSERT_EQ(jobs.size(), 2U);
    for (std::size_t at = 0; at < bytes.size() && !HasFailure(); at += kStride) {
        const char before = bytes[at];
        bytes[at] = static_cast<char>(~before);
        try {
            const auto read = read_journal_bytes(bytes);
            ASSERT_EQ(read.size(), jobs.size()) << at;
            for (std::size_t i = 0; i < jobs.size(); ++i)
                EXPECT_EQ(write_document(read[i]), write_document(jobs[i])) << at;
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), ErrorKind::storage) << at << ": " << error.what();
        }
        bytes[at] = before;
    }
}

TEST(JobDocument, IsReadAsWritten) {
    JobRecord job;
    job.id = "0123abcd";
    job.vendor = "ibm";
    job.account = "an instance \xff";
    job.device = "ibm_x";
    job.state = JobState::unknown;
    job.fingerprint = std::string(64, 'a');
    job.quote = {.qpu_seconds = 0.1, .amount = 1e-17, .currency = "EUR", .basis = "a guess"};
    job.billed = vendors::Cost{};
    job.submitted = job.changed = "2026-03-01T00:00:00.000Z";
    job.sendings = {job.submitted};
    job.queue_position = 0;
    job.absent_since = job.submitted;
    job.is_ready = true;
    const auto text = write_document(job);
    const auto read = read_job_document(text);
    EXPECT_EQ(write_document(read), text);
    EXPECT_EQ(read.quote.amount, 1e-17);
    EXPECT_FALSE(read.billed->amount);
    EXPECT_EQ(read.queue_position, 0);
}

TEST(JobDocument, WhatNobodyWroteIsRefused) {
    for (const char* text : {"", "{}", "[]", "{\"id\":\"../../..\"}", "null", "{\"id\":3}"}) {
        try {
            read_job_document(text);
            ADD_FAILURE() << text;
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), ErrorKind::storage) << text;
        }
    }
}

}  // namespace
}  // namespace qdcnn::run
