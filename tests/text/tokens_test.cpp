#include "qdcnn/text/tokens.h"

#include <gtest/gtest.h>

namespace qdcnn::text {
namespace {

using Tokens = std::vector<std::string>;

TEST(Tokens, SplitsOnMarksSpaceAndBrackets) {
    EXPECT_EQ(tokenise("a,b;c.d!e:f'g?h-i"), (Tokens{"a", "b", "c", "d", "e", "f", "g", "h", "i"}));
    EXPECT_EQ(tokenise("  a\tb\nc (d) [e] {f}  "), (Tokens{"a", "b", "c", "d", "e", "f"}));
}

TEST(Tokens, KeepsSuffixCaseDigitsAndOtherBytes) {
    EXPECT_EQ(tokenise("Man_N \xc3\xa9t\xc3\xa9 \"x\" a/b <UNK> 3"),
              (Tokens{"Man_N", "\xc3\xa9t\xc3\xa9", "\"x\"", "a/b", "<UNK>", "3"}));
}

TEST(Tokens, NothingIsNoToken) {
    EXPECT_TRUE(tokenise("").empty());
    EXPECT_TRUE(tokenise(" ,.-!() ").empty());
}

TEST(Tokens, TellsUtf8) {
    for (const char* good : {"", "abc", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80"})
        EXPECT_TRUE(is_plain_utf8(good)) << good;
    for (const char* bad : {"\xff", "\xc3", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80",
                            "\xe2\x82", "a\x80"})
        EXPECT_FALSE(is_plain_utf8(bad)) << bad;
    EXPECT_FALSE(is_plain_utf8(std::string_view("a\0b", 3)));
}

}  // namespace
}  // namespace qdcnn::text
