#include "qdcnn/text/dataset.h"

#include <gtest/gtest.h>

#include "qdcnn/base/error.h"
#include "support/shared_files.h"

namespace qdcnn::text {
namespace {

std::vector<std::pair<std::string, std::string>> pairs(const Dataset& data) {
    std::vector<std::pair<std::string, std::string>> result;
    for (const Example& example : data.examples) result.emplace_back(example.label, example.text);
    return result;
}

using Pairs = std::vector<std::pair<std::string, std::string>>;

TEST(Dataset, ATabPartsALabelThatHasBlanks) {
    const Dataset data = parse_dataset("very good\ta bright film\nbad\ta dull film\n", "tabs");
    EXPECT_EQ(data.labels(), (std::vector<std::string>{"bad", "very good"}));
    EXPECT_EQ(data.examples[0].text, "a bright film");
}

TEST(Dataset, ReadsCsv) {
    const Dataset data = parse_dataset(
        "\xef\xbb\xbflabel,text\r\n1,man bakes\r\n\r\nfood,\"a, \"\"b\"\" c\"\r\n 0 , plain \"inner\" "
        "\r\n\"x\",\"two\nlines\"",
        "f");
    EXPECT_EQ(
        pairs(data),
        (Pairs{{"1", "man bakes"}, {"food", "a, \"b\" c"}, {"0", "plain \"inner\""}, {"x", "two lines"}}));
    EXPECT_EQ(data.examples[1].line, 4);
    EXPECT_EQ(data.examples[0].tokens, (Tokens{"man", "bakes"}));
}

TEST(Dataset, ReadsCsvWithTheColumnsTurnedRound) {
    EXPECT_EQ(pairs(parse_dataset("Text,Label\na b,1\n", "f")), (Pairs{{"1", "a b"}}));
}

TEST(Dataset, ReadsLabelBlanksSentence) {
    EXPECT_EQ(pairs(parse_dataset("1  man bakes\n0\tman runs\n\n2 x", "f")),
              (Pairs{{"1", "man bakes"}, {"0", "man runs"}, {"2", "x"}}));
}

TEST(Dataset, BothFormsHaveOneHash) {
    const std::string hash = parse_dataset("label,text\n1,a b\n0,c\n", "f").hash();
    EXPECT_EQ(hash, parse_dataset("1  a b\r\n0 c", "g").hash());
    EXPECT_NE(hash, parse_dataset("1 a b\n0 d\n", "g").hash());
    EXPECT_NE(hash, parse_dataset("0 c\n1 a b\n", "g").hash());
    EXPECT_EQ(hash.substr(0, 8), "fnv1a64:");
    EXPECT_EQ(hash.size(), 24u);
}

TEST(Dataset, HashIsFnv1a) {
    // FNV-1a of "1\ta\n", worked out with the published offset and prime.
    std::uint64_t hash = 14695981039346656037u;
    for (const char c : {'1', '\t', 'a', '\n'})
        hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211u;
    EXPECT_EQ(std::stoull(parse_dataset("1 a", "f").hash().substr(8), nullptr, 16), hash);
}

TEST(Dataset, LabelsAreSortedByValueOrBytes) {
    EXPECT_EQ(parse_dataset("10 a\n2 b\n-1 c\n2 d\n", "f").labels(),
              (std::vector<std::string>{"-1", "2", "10"}));
    EXPECT_EQ(parse_dataset("10 a\n2 b\nx c\n", "f").labels(), (std::vector<std::string>{"10", "2", "x"}));
}

struct BadFile {
    const char* name;
    const char* content;
    ErrorKind kind;
    int line;
    const char* part;
};

class BadFiles : public testing::TestWithParam<BadFile> {};

TEST_P(BadFiles, AreNamedWithTheirLine) {
    const BadFile& bad = GetParam();
    try {
        parse_dataset(bad.content, "data.csv");
        FAIL() << "accepted";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), bad.kind);
        EXPECT_NE(std::string(error.what()).find(bad.part), std::string::npos) << error.what();
        if (bad.line > 0) {
            ASSERT_TRUE(error.position().has_value());
            EXPECT_EQ(error.position()->file, "data.csv");
            EXPECT_EQ(error.position()->line, bad.line);
        }
    }
}

INSTANTIATE_TEST_SUITE_P(
    Table, BadFiles,
    testing::Values(
        BadFile{"Empty", "", ErrorKind::invalid_input, 0, "no sentence in data.csv"},
        BadFile{"HeaderOnly", "label,text\n", ErrorKind::invalid_input, 0, "no sentence"},
        BadFile{"OneField", "label,text\n1,a\nonly\n", ErrorKind::parse, 3,
                "expected the 2 fields of the header, found 1"},
        BadFile{"ThreeFields", "label,text\n1,a,b\n", ErrorKind::parse, 2,
                "expected the 2 fields of the header, found 3"},
        BadFile{"OpenQuote", "label,text\n1,\"a\n2,b\n", ErrorKind::parse, 2, "never closed"},
        BadFile{"AfterQuote", "label,text\n1,\"a\"b\n", ErrorKind::parse, 2, "follows a closing quote"},
        BadFile{"EmptySentence", "label,text\n1,a\n1,...\n", ErrorKind::invalid_input, 3, "has no word"},
        BadFile{"EmptyLabel", "label,text\n,a b\n", ErrorKind::invalid_input, 2, "label is empty"},
        BadFile{"NoSentence", "1 a\n0\n", ErrorKind::parse, 2, "there is one word, \"0\""},
        BadFile{"NoHeader", "1,man bakes\n", ErrorKind::parse, 1, "with a comma"},
        BadFile{"NotUtf8", "1 a\n0 \xff\xfe\n", ErrorKind::parse, 2, "not UTF-8"}),
    [](const auto& row) { return row.param.name; });

TEST(Dataset, MissingFileIsNotFound) {
    try {
        load_dataset("/nowhere/at/all.csv");
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::not_found);
        EXPECT_NE(std::string(error.what()).find("/nowhere/at/all.csv"), std::string::npos);
    }
}

TEST(Dataset, AForeignLabelIsNamedWithItsLine) {
    try {
        require_labels(parse_dataset("1 a\n3 b\n", "test.txt"), {"0", "1"});
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::invalid_input);
        EXPECT_NE(std::string(error.what()).find("\"3\""), std::string::npos);
        EXPECT_EQ(error.position()->line, 2);
    }
}

TEST(Split, IsStratifiedSeededAndWhole) {
    std::string text;
    for (int i = 0; i < 40; ++i) text += (i % 4 == 0 ? "a w" : "b w") + std::to_string(i) + "\n";
    const Dataset whole = parse_dataset(text, "f");
    const Split split = stratified_split(whole, 0.2, 7);
    EXPECT_EQ(split.part.examples.size(), 8u);
    EXPECT_EQ(std::count_if(split.part.examples.begin(), split.part.examples.end(),
                            [](auto& e) { return e.label == "a"; }),
              2);
    EXPECT_EQ(split.rest.examples.size(), 32u);
    EXPECT_EQ(pairs(split.part), pairs(stratified_split(whole, 0.2, 7).part));
    EXPECT_NE(pairs(split.part), pairs(stratified_split(whole, 0.2, 8).part));
    EXPECT_THROW(stratified_split(whole, 0.0, 1), Error);
    EXPECT_THROW(stratified_split(whole, 1.5, 1), Error);
    EXPECT_THROW(stratified_split(parse_dataset("1 a\n0 b\n", "f"), 0.5, 1), Error);
}

TEST(Dataset, PublicFilesOfBothFormsAgree) {
    const auto csv = test::shared_file("data/MC/train.csv"),
               lines = test::shared_file("data/lorenz/mc_train_data.txt");
    if (!csv || !lines) {
        std::printf("the public data files are not here\n");
        return;
    }
    EXPECT_EQ(read_dataset(*csv).examples.size(), 70u);
    EXPECT_EQ(read_dataset(*csv).hash(), read_dataset(*lines).hash());
}

}  // namespace
}  // namespace qdcnn::text
