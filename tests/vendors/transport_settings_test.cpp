#include "qdcnn/vendors/transport_settings.h"

#include <gtest/gtest.h>

#include <map>

namespace qdcnn::vendors {
namespace {

using Variables = std::map<std::string, std::string>;

http::TransportSettings settings_of(const Variables& variables,
                                    const std::map<std::string, std::string>& flags = {}) {
    const accounts::Surroundings surroundings{.variable =
                                                  [&](const char* name) {
                                                      const auto found = variables.find(name);
                                                      return found == variables.end() ? nullptr
                                                                                      : found->second.c_str();
                                                  },
                                              .working_folder = "/"};
    return transport_settings(accounts::Settings::load(surroundings, flags));
}

/// Programs that use the room http alone, and the command, understand the same variables.
TEST(TransportSettings, VariablesMeanWhatTheyMeanToTheRoomHttp) {
    const Variables all = {{"CURL_CA_BUNDLE", "/curl.pem"},    {"SSL_CERT_FILE", "/openssl.pem"},
                           {"https_proxy", "http://a:1"},      {"HTTPS_PROXY", "http://b:1"},
                           {"all_proxy", "http://c:1"},        {"ALL_PROXY", "http://d:1"},
                           {"no_proxy", "localhost,.example"}, {"NO_PROXY", "*"}};
    for (std::size_t first = 0; first <= all.size(); ++first) {
        Variables some = {{"HOME", "/nowhere"}, {"XDG_CONFIG_HOME", "/nowhere"}};
        some.insert(std::next(all.begin(), static_cast<std::ptrdiff_t>(first)), all.end());
        const auto expected = http::TransportSettings::from_environment([&](const char* name) {
            const auto found = some.find(name);
            return found == some.end() ? nullptr : found->second.c_str();
        });
        const auto found = settings_of(some);
        EXPECT_EQ(found.ca_file, expected.ca_file);
        EXPECT_EQ(found.proxy, expected.proxy);
        EXPECT_EQ(found.no_proxy, expected.no_proxy);
    }
}

TEST(TransportSettings, FlagsAndOwnVariablesComeFirst) {
    const Variables variables = {{"HOME", "/nowhere"},
                                 {"XDG_CONFIG_HOME", "/nowhere"},
                                 {"CURL_CA_BUNDLE", "/curl.pem"},
                                 {"QDCNN_CA_FILE", "/own.pem"},
                                 {"HTTPS_PROXY", "http://b:1"}};
    EXPECT_EQ(settings_of(variables).ca_file, "/own.pem");
    const auto found = settings_of(variables, {{"ca-file", "mine.pem"}, {"proxy", "http://mine:1"}});
    EXPECT_EQ(found.ca_file, "/mine.pem");
    EXPECT_EQ(found.proxy, "http://mine:1");
}

}  // namespace
}  // namespace qdcnn::vendors
