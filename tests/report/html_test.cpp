#include "qdcnn/report/html.h"

#include <gtest/gtest.h>

#include <regex>

#include "qdcnn/base/error.h"
#include "qdcnn/report/chart.h"
#include "report/xml_check.h"

namespace qdcnn::report {
namespace {

const std::string kNasty = "</section><script>alert('&\"')</script>";

/// Every text there can be holds what must be escaped.
Page example() {
    const std::string svg =
        to_svg(LineChart{kNasty, {.label = kNasty}, {.label = kNasty}, {}, {{kNasty, {{0, 1}, {1, 2}}}}});
    return {.title = kNasty,
            .subtitle = kNasty,
            .sections = {{kNasty,
                          {Paragraph{kNasty}, KeyFigures{{{kNasty, kNasty, kNasty}}},
                           CaptionedTable{{{{kNasty}, {"n", Align::right}}, {{kNasty, "1"}}}, kNasty},
                           Pictures{{{svg, kNasty}, {svg, ""}}}, Listing{kNasty, kNasty, true},
                           Listing{kNasty, kNasty}, Listing{kNasty}}}},
            .footer = kNasty};
}

TEST(Html, IsWellFormedAndEscapesAllText) {
    const std::string html = to_html(example());
    EXPECT_EQ(test::xml_problem(html), "");
    EXPECT_EQ(html.find("<script"), std::string::npos);
    EXPECT_NE(html.find("&lt;/section&gt;&lt;script&gt;alert(&#39;&amp;&quot;&#39;)&lt;/script&gt;"),
              std::string::npos);
}

TEST(Html, NeedsNothingBesideIt) {
    const std::string html = to_html(example());
    for (const char* outside : {"src=", "href=", "url(", "@import", "<link", "<img", "<iframe"})
        EXPECT_EQ(html.find(outside), std::string::npos) << outside;
    const std::regex address("https?://[^\"]*");
    for (std::sregex_iterator match(html.begin(), html.end(), address), end; match != end; ++match)
        EXPECT_TRUE(match->str() == "http://www.w3.org/2000/svg" ||
                    match->str() == "http://www.w3.org/1999/xhtml")
            << match->str();
}

TEST(Html, WritesBlocksInOrder) {
    const std::string html = to_html(
        {.title = "t", .sections = {{"one", {Paragraph{"p1"}, Listing{"l1"}}}, {"two", {Paragraph{"p2"}}}}});
    const std::regex order(
        "<h1>t</h1>[^]*<h2>one</h2>[^]*<p>p1</p>[^]*<pre>l1</pre>[^]*<h2>two</h2>[^]*<p>p2</p>");
    EXPECT_TRUE(std::regex_search(html, order)) << html;
}

TEST(Html, WantsACellForEachColumn) {
    EXPECT_THROW(to_html({.title = "t", .sections = {{"s", {CaptionedTable{{{{"a"}}, {{"1", "2"}}}}}}}}),
                 Error);
}

}  // namespace
}  // namespace qdcnn::report
