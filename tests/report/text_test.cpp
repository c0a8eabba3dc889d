#include "report/text.h"

#include <gtest/gtest.h>

#include "report/xml_check.h"

namespace qdcnn::report {
namespace {

TEST(Text, EscapesWhatXmlReserves) {
    EXPECT_EQ(escape("a<b> & \"c\" 'd'"), "a&lt;b&gt; &amp; &quot;c&quot; &#39;d&#39;");
}

TEST(Text, ReplacesWhatXmlCannotHold) {
    EXPECT_EQ(escape(std::string("a\0b\x1b", 4)), "a\uFFFDb\uFFFD");
    EXPECT_EQ(escape("tab\tline\n"), "tab\tline\n");
}

TEST(Text, ReplacesBytesThatAreNoUtf8) {
    EXPECT_EQ(escape("a\xFFz"), "a\uFFFDz");
    EXPECT_EQ(escape("\xC3"), "\uFFFD") << "cut short";
    EXPECT_EQ(escape("\xC0\xAF"), "\uFFFD\uFFFD") << "overlong";
    EXPECT_EQ(width_of("\xED\xA0\x80"), 3u) << "a surrogate is no character";
}

TEST(Text, CountsCodePoints) {
    EXPECT_EQ(width_of("π/2"), 3u);
    EXPECT_EQ(width_of("⟩𝜃"), 2u);
    EXPECT_EQ(to_utf8(to_code_points("aπ⟩𝜃")), "aπ⟩𝜃");
}

TEST(Text, WritesShortCoordinates) {
    EXPECT_EQ(coordinate(12.0), "12");
    EXPECT_EQ(coordinate(1.5), "1.5");
    EXPECT_EQ(coordinate(1.0 / 3), "0.33");
    EXPECT_EQ(coordinate(-0.001), "0");
    EXPECT_EQ(coordinate(100), "100");
}

TEST(XmlCheck, FindsWhatIsMalformed) {
    using test::xml_problem;
    EXPECT_EQ(xml_problem("<a b=\"1\"><c/>x &amp; y</a>\n"), "");
    for (const char* bad :
         {"<a>", "<a></b>", "<a/><b/>", "<a b=1/>", "<a>&nbsp;</a>", "<a b=\"<\"/>", "x<a/>", "", "<a></a"})
        EXPECT_NE(xml_problem(bad), "") << bad;
}

}  // namespace
}  // namespace qdcnn::report
