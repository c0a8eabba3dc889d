#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <sstream>

#include "qdcnn/base/files.h"
#include "qdcnn/qasm/printer.h"
#include "qdcnn/qasm/reader.h"
#include "qdcnn/qasm/translate.h"
#include "support/reference_simulator.h"

// Every file of tests/qasm/constructs and qasm/examples says in its first line what it gives: "// expect: 01
// 0.5, 10 0.5". Bits of a register are together, the last register first.
namespace qdcnn::qasm {
namespace {

using namespace circuit;

using Distribution = std::map<std::string, double>;

std::vector<std::string> construct_files() {
    std::vector<std::string> names;
    for (const char* folder : {"tests/qasm/constructs", "qasm/examples"})
        for (const auto& entry :
             std::filesystem::directory_iterator(std::filesystem::path(QDCNN_SOURCE_DIR) / folder))
            if (entry.path().extension() == ".qasm")
                names.push_back((std::filesystem::path(folder) / entry.path().filename()).string());
    std::sort(names.begin(), names.end());
    return names;
}

Distribution expected_by(const std::string& text) {
    constexpr std::string_view kHead = "// expect: ";
    EXPECT_TRUE(text.starts_with(kHead));
    std::istringstream line(text.substr(kHead.size(), text.find('\n') - kHead.size()));
    Distribution distribution;
    for (std::string item; std::getline(line, item, ',');) {
        const std::size_t end = item.rfind(' '), begin = item.find_first_not_of(' ');
        distribution[item.substr(begin, end - begin)] = std::stod(item.substr(end));
    }
    return distribution;
}

Distribution distribution_of(const Circuit& circuit) {
    const std::vector<double> values(circuit.parameters().size(), 0.3);
    Distribution distribution;
    for (const auto& [record, probability] : test::reference_run(circuit.bind(values)).records()) {
        std::string key;
        const auto registers = circuit.result_registers();
        for (auto one = registers.rbegin(); one != registers.rend(); ++one) {
            if (!key.empty()) key += ' ';
            for (std::uint32_t i = one->size; i-- > 0;) key += record >> (one->offset + i) & 1 ? '1' : '0';
        }
        if (probability > 1e-12) distribution[key] += probability;
    }
    return distribution;
}

std::string text_of(const Distribution& distribution) {
    std::string text;
    for (const auto& [key, probability] : distribution) text += fmt::format("{} {}, ", key, probability);
    return text;
}

void expect_near(const Distribution& got, const Distribution& expected) {
    for (const auto* from : {&got, &expected})
        for (const auto& [key, probability] : *from) {
            const auto a = got.find(key), b = expected.find(key);
            EXPECT_NEAR(a == got.end() ? 0 : a->second, b == expected.end() ? 0 : b->second, 1e-12)
                << key << " in " << text_of(got);
        }
}

Distribution without_blanks(const Distribution& distribution) {
    Distribution result;
    for (const auto& [key, probability] : distribution) {
        std::string bits = key;
        std::erase(bits, ' ');
        result[bits] += probability;
    }
    return result;
}

class Construct : public testing::TestWithParam<std::string> {};

TEST_P(Construct, GivesWhatItSaysAlsoPrinted) {
    const std::string path = fmt::format("{}/{}", QDCNN_SOURCE_DIR, GetParam());
    const std::string text = read_file(path);
    const Circuit circuit = read_qasm(text, path);
    const Distribution expected = expected_by(text);
    expect_near(distribution_of(circuit), expected);
    for (const DialectRow& row : dialects()) {
        SCOPED_TRACE(std::string(row.name));
        // What holds a variable is a register like any other there.
        const bool has_variables = circuit.result_registers().size() != circuit.clbit_registers().size();
        if (has_variables && !row.has_expressions) continue;
        std::string printed;
        try {
            printed = print_qasm(circuit, {.dialect = row.dialect});
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), ErrorKind::unsupported);
            const bool is_about_boxes = std::string(error.what()).find(" box") != std::string::npos;
            EXPECT_FALSE(is_about_boxes ? row.has_boxes : row.has_expressions) << error.what();
            EXPECT_NE(error.hint(), "");
            continue;
        }
        SCOPED_TRACE(printed);
        std::string in_pieces;
        translate_qasm(text, path, {.dialect = row.dialect},
                       [&](std::string_view piece) { in_pieces += piece; });
        EXPECT_EQ(in_pieces, printed);
        const Circuit again = read_qasm(printed, "printed");
        if (row.has_several_registers) {
            expect_near(distribution_of(again), expected);
            EXPECT_EQ(again.result_registers().size(), circuit.result_registers().size());
        } else {
            expect_near(without_blanks(distribution_of(again)), without_blanks(expected));
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Every, Construct, testing::ValuesIn(construct_files()), [](const auto& file) {
    return std::filesystem::path(file.param).stem().string() +
           (file.param.starts_with("qasm") ? "_example" : "");
});

}  // namespace
}  // namespace qdcnn::qasm
