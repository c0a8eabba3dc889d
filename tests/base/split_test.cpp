#include "qdcnn/base/split.h"

#include <gtest/gtest.h>

namespace qdcnn {
namespace {

using Parts = std::vector<std::string>;

TEST(Split, KeepsEmptyParts) {
    EXPECT_EQ(split("a+b", '+'), (Parts{"a", "b"}));
    EXPECT_EQ(split("+a++", '+'), (Parts{"", "a", "", ""}));
    EXPECT_EQ(split("", '+'), Parts{""});
}

TEST(SplitList, DropsBlanksAndEmptyParts) {
    EXPECT_EQ(split_list("a, b c ,\td"), (Parts{"a", "b c", "d"}));
    EXPECT_EQ(split_list(" , ,"), Parts{});
    EXPECT_EQ(split_list(""), Parts{});
}

}  // namespace
}  // namespace qdcnn
