#include "qdcnn/report/confusion.h"

#include <gtest/gtest.h>

#include <regex>

#include "qdcnn/base/error.h"
#include "report/xml_check.h"

namespace qdcnn::report {
namespace {

TEST(Confusion, CountsLabelsByPrediction) {
    const auto matrix =
        confusion_matrix({"food", "it"}, {"food", "food", "it", "food"}, {"food", "it", "it", "it"});
    EXPECT_EQ(matrix.counts, (std::vector<std::size_t>{1, 2, 0, 1}));
    EXPECT_EQ(matrix.count(0, 1), 2u);
}

TEST(Confusion, KnowsItsClasses) {
    try {
        confusion_matrix({"food", "it"}, {"food"}, {"fod"});
        ADD_FAILURE();
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::invalid_input);
        EXPECT_STREQ(error.what(), "'fod' is none of the classes");
        EXPECT_EQ(error.hint(), "Did you mean \"food\"?");
    }
    EXPECT_THROW(confusion_matrix({"a"}, {"a"}, {}), Error);
    EXPECT_THROW(to_svg(ConfusionMatrix{{"a"}, {}}, "t"), Error);
}

TEST(Confusion, DrawsTheSharesOfEachRow) {
    const auto matrix =
        confusion_matrix({"<a>", "b"}, {"<a>", "<a>", "<a>", "<a>", "b"}, {"<a>", "b", "b", "b", "b"});
    const std::string svg = to_svg(matrix, "T & t");
    EXPECT_EQ(test::xml_problem(svg), "");
    std::vector<std::string> texts;
    const std::regex text(">([^<>]+)</text>");
    for (std::sregex_iterator match(svg.begin(), svg.end(), text), end; match != end; ++match)
        texts.push_back((*match)[1]);
    const std::vector<std::string> expected{"T &amp; t", "predicted", "true", "&lt;a&gt;", "&lt;a&gt;",
                                            "1",         "25 %",      "3",    "75 %",      "b",
                                            "b",         "0",         "0 %",  "1",         "100 %"};
    EXPECT_EQ(texts, expected);
}

TEST(Confusion, DrawsManyClassesAndEmptyRows) {
    ConfusionMatrix matrix;
    for (int k = 0; k < 30; ++k) matrix.classes.push_back("a rather long class " + std::to_string(k));
    matrix.counts.assign(900, 0);
    const std::string svg = to_svg(matrix, "t");
    EXPECT_EQ(test::xml_problem(svg), "");
    EXPECT_EQ(svg.find("nan"), std::string::npos);
}

}  // namespace
}  // namespace qdcnn::report
