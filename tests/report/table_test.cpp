#include "qdcnn/report/table.h"

#include <gtest/gtest.h>

#include <limits>

#include "qdcnn/base/error.h"

namespace qdcnn::report {
namespace {

Table example() {
    return {{{"evaluation"}, {"accuracy", Align::right}, {"95 % interval"}},
            {{"majority", "0.5", "-"}, {"θ, exact", "0.933", format_interval(0.8711, 0.96899)}}};
}

TEST(Table, AlignsItsColumns) {
    EXPECT_EQ(to_text(example()),
              "evaluation  accuracy  95 % interval\n"
              "----------  --------  --------------\n"
              "majority         0.5  -\n"
              "θ, exact       0.933  0.871 to 0.969\n");
}

TEST(Table, WritesCsvThatReadsBack) {
    Table table = example();
    table.rows[0][0] = "a \"quoted\", thing";
    EXPECT_EQ(to_csv(table),
              "evaluation,accuracy,95 % interval\n"
              "\"a \"\"quoted\"\", thing\",0.5,-\n"
              "\"θ, exact\",0.933,0.871 to 0.969\n");
}

TEST(Table, WritesMarkdown) {
    EXPECT_EQ(to_markdown({{{"a|b"}, {"n", Align::right}}, {{"x", "1"}}}),
              "| a\\|b | n |\n|---|---:|\n| x | 1 |\n");
}

TEST(Table, WantsACellForEachColumn) {
    Table table = example();
    table.rows[1].pop_back();
    for (const auto print : {to_text, to_csv, to_markdown}) {
        try {
            print(table);
            ADD_FAILURE() << "a short row was printed";
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), ErrorKind::invalid_input);
            EXPECT_STREQ(error.what(), "table row 1 has 2 cells, expected 3");
        }
    }
}

TEST(Table, FormatsNumbers) {
    EXPECT_EQ(format_fixed(0.87349), "0.873");
    EXPECT_EQ(format_fixed(2, 1), "2.0");
    EXPECT_EQ(format_fixed(std::numeric_limits<double>::quiet_NaN()), "-");
    EXPECT_EQ(format_interval(0, std::numeric_limits<double>::infinity()), "-");
}

}  // namespace
}  // namespace qdcnn::report
