#include "qdcnn/accounts/secret_store.h"

#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <thread>

#include "expect_error.h"
#include "qdcnn/base/redact.h"
#include "tree.h"

namespace qdcnn::accounts {
namespace {

constexpr const char* kFile = "home/.config/qdcnn/accounts/ibm.json";
constexpr const char* kFolder = "home/.config/qdcnn/accounts";

class secret_store : public ::testing::Test {
  protected:
    /// Expects a refusal that names `part` and shows no token.
    void expect_refusal(const std::string& part) const {
        const Error error = error_of([&] { store_.read("ibm"); });
        EXPECT_EQ(error.kind(), ErrorKind::auth);
        EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << error.what();
        EXPECT_EQ((error.what() + error.hint()).find("canary"), std::string::npos) << error.what();
    }

    Tree tree_;
    SecretStore store_{tree_.path(kFolder)};
    StoredAccount account_{.secrets = {{"token", "canary-of-the-store"}},
                           .facts = {{"plans", {"open", "flex"}}, {"region", {"eu-de"}}}};
};

TEST_F(secret_store, keeps_an_account_for_its_owner_alone) {
    EXPECT_FALSE(store_.read("ibm"));
    const mode_t mask = ::umask(0);
    store_.write("ibm", account_);
    ::umask(mask);
    EXPECT_EQ(tree_.mode(kFile), 0600u);
    EXPECT_EQ(tree_.mode(kFolder), 0700u);
    const auto read = store_.read("ibm");
    ASSERT_TRUE(read);
    EXPECT_EQ(read->secrets, account_.secrets);
    EXPECT_EQ(read->facts, account_.facts);
    EXPECT_FALSE(store_.read("braket"));
    EXPECT_TRUE(store_.remove("ibm"));
    EXPECT_FALSE(store_.remove("ibm"));
    EXPECT_FALSE(store_.read("ibm"));
}

TEST_F(secret_store, refuses_what_others_can_read_or_change) {
    store_.write("ibm", account_);
    tree_.set_mode(kFile, 0640);
    expect_refusal("ibm.json can be read by other users (mode 0640)");
    tree_.set_mode(kFile, 0602);
    expect_refusal("can be changed");
    store_.write("ibm", account_);
    EXPECT_EQ(tree_.mode(kFile), 0600u) << "a file written anew is private whatever was there";
    EXPECT_TRUE(store_.read("ibm"));
    tree_.set_mode(kFolder, 0750);
    expect_refusal("accounts can be read");
    EXPECT_EQ(error_of([&] { store_.write("ibm", account_); }).kind(), ErrorKind::auth);
    tree_.set_mode(kFolder, 0700);
    tree_.set_mode("home/.config/qdcnn", 0777);
    expect_refusal("qdcnn can be changed");
}

TEST_F(secret_store, follows_no_links) {
    store_.write("ibm", account_);
    std::filesystem::rename(tree_.path(kFile), tree_.path("elsewhere/stolen.json"));
    std::filesystem::create_symlink(tree_.path("elsewhere/stolen.json"), tree_.path(kFile));
    expect_refusal("is a link");
    const StoredAccount other{.secrets = {{"token", "canary-number-two"}}};
    store_.write("ibm", other);
    EXPECT_EQ(store_.read("ibm")->secrets, other.secrets);
}

TEST_F(secret_store, a_link_for_a_folder_and_a_folder_for_a_file_are_refused) {
    store_.write("ibm", account_);
    std::filesystem::rename(tree_.path(kFolder), tree_.path("home/.config/qdcnn/true"));
    std::filesystem::create_symlink("true", tree_.path(kFolder));
    expect_refusal("is no folder");
    std::filesystem::remove(tree_.path(kFolder));
    std::filesystem::create_directories(tree_.path(kFile));
    tree_.set_mode(kFolder, 0700);
    expect_refusal("is no regular file");
}

TEST_F(secret_store, refuses_what_belongs_to_another_user) {
    if (::geteuid() != 0) {
        std::puts("Only root can give files away; what others may read or change is tested beside this.");
        return;
    }
    store_.write("ibm", account_);
    ASSERT_EQ(::chown(tree_.path(kFile).c_str(), 65534, 65534), 0);
    expect_refusal("belongs to another user");
    store_.write("ibm", account_);
    ASSERT_TRUE(store_.read("ibm"));
    ASSERT_EQ(::chown(tree_.path(kFolder).c_str(), 65534, 65534), 0);
    expect_refusal("belongs to another user");
}

TEST_F(secret_store, readers_see_the_old_account_or_the_next_one) {
    store_.write("ibm", account_);
    StoredAccount long_one = account_;
    long_one.facts["tags"] = std::vector<std::string>(5'000, "a tag that makes the file long");
    std::atomic<bool> is_done = false;
    std::thread writer([&] {
        for (int i = 0; i < 40; ++i) store_.write("ibm", i % 2 == 0 ? long_one : account_);
        is_done = true;
    });
    std::size_t reads = 0;
    do {
        const auto read = store_.read("ibm");
        ASSERT_TRUE(read);
        ASSERT_TRUE(read->facts == long_one.facts || read->facts == account_.facts);
        ++reads;
    } while (!is_done);
    writer.join();
    EXPECT_GT(reads, 1u);
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(tree_.path(kFolder)), {}), 1)
        << "temporary files are left behind";
}

TEST_F(secret_store, what_is_no_account_is_refused_without_being_shown) {
    for (const char* text :
         {"canary", "[]", R"({"schema":"canary"})", R"({"schema":"qdcnn.account/1","secrets":["canary"]})",
          R"({"schema":"qdcnn.account/1","secrets":{"token":7}})",
          R"({"schema":"qdcnn.account/1","secrets":{},"facts":{"tags":"canary"}})",
          "{\"canary\": \"canary"}) {
        const Error error = error_of([&] { parse_account(text, "ibm.json"); });
        EXPECT_TRUE(error.kind() == ErrorKind::parse || error.kind() == ErrorKind::invalid_input) << text;
        EXPECT_EQ(std::string(error.what()).find("canary"), std::string::npos) << error.what();
        EXPECT_EQ(error.position()->file, "ibm.json");
    }
    EXPECT_EQ(error_of([&] { store_.path("../ibm"); }).kind(), ErrorKind::usage);
}

TEST_F(secret_store, what_is_read_or_written_is_redacted_from_then_on) {
    store_.write("ibm", {.secrets = {{"token", "canary-written-9d"}}});
    EXPECT_EQ(redactor().redact("x canary-written-9d y"), "x [redacted] y");
    parse_account(R"({"schema":"qdcnn.account/1","secrets":{"token":"canary-read-4c"}})", "f");
    EXPECT_EQ(redactor().redact("x canary-read-4c y"), "x [redacted] y");
    register_secrets_of_url("http://ada:canary-proxy-1@host:1");
    EXPECT_EQ(redactor().redact("x canary-proxy-1 y"), "x [redacted] y");
    EXPECT_EQ(masked("0123456789abcdefWXYZ"), "****WXYZ");
    EXPECT_EQ(masked("short"), "****");
}

}  // namespace
}  // namespace qdcnn::accounts
