#include "vendors/ibm/addresses.h"

#include <gtest/gtest.h>

#include "scripted_ibm.h"

namespace qdcnn::vendors::ibm {
namespace {

std::string crn(const std::string& stage, const std::string& region) {
    return "crn:v1:" + stage + ":public:quantum-computing:" + region + ":a/1:2::";
}

TEST(Addresses, base_follows_the_crns_region) {
    const Account account;
    EXPECT_EQ(api_base(account, crn("bluemix", "us-east")), "https://quantum.cloud.ibm.com/api/v1");
    EXPECT_EQ(api_base(account, crn("bluemix", "eu-de")), "https://eu-de.quantum.cloud.ibm.com/api/v1");
    EXPECT_EQ(api_base({.is_private_endpoint = true}, crn("bluemix", "us-east")),
              "https://private.us-east.quantum.cloud.ibm.com/api/v1");
}

TEST(Addresses, port_and_path_of_the_url_are_lost_but_with_experimental_in_it) {
    EXPECT_EQ(api_base({.url = "https://cloud.example.com:8443/some/path"}, crn("bluemix", "eu-de")),
              "https://eu-de.quantum.cloud.example.com/api/v1");
    EXPECT_EQ(api_base({.url = "http://127.0.0.1:81/experimental/api/v1/"}, crn("bluemix", "eu-de")),
              "http://127.0.0.1:81/experimental/api/v1");
    EXPECT_EQ(api_base({.url = "https://here.example/api"}, "no crn"), "https://here.example/api");
}

TEST(Addresses, of_the_services_beside) {
    const Addresses usual = addresses_of({});
    EXPECT_EQ(usual.iam, "https://iam.cloud.ibm.com");
    EXPECT_EQ(usual.search, "https://api.global-search-tagging.cloud.ibm.com");
    EXPECT_EQ(usual.catalog, "https://globalcatalog.cloud.ibm.com/api/v1");
    EXPECT_EQ(addresses_of({.instance = crn("staging", "us-east")}).iam, "https://iam.test.cloud.ibm.com");
    EXPECT_EQ(addresses_of({.is_private_endpoint = true}).iam, "https://private.iam.cloud.ibm.com");
    EXPECT_EQ(addresses_of({.catalog_url = "http://127.0.0.1:1/catalog/"}).catalog,
              "http://127.0.0.1:1/catalog");
    EXPECT_EQ(error_from([] { addresses_of({.url = "cloud.ibm.com"}); }).kind(), ErrorKind::invalid_input);
}

TEST(Addresses, percent_encoding) {
    EXPECT_EQ(percent_encoded("a-b_c.d~e/f g+&=\xc3\xa9"), "a-b_c.d~e%2Ff%20g%2B%26%3D%C3%A9");
    EXPECT_EQ(query_text(Query{{"a", "1"}, {"a", "x y"}}), "?a=1&a=x%20y");
    EXPECT_EQ(query_text(Query{}), "");
}

}  // namespace
}  // namespace qdcnn::vendors::ibm
