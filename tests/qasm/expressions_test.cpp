#include <fmt/format.h>
#include <gtest/gtest.h>

#include "qdcnn/base/random.h"
#include "qdcnn/qasm/printer.h"
#include "qdcnn/qasm/reader.h"
#include "support/reference_simulator.h"

// Random expressions on uint, int and bit variables, compared with what plain arithmetic makes of them: once
// with values that are known while the text is read, once with values that are measured.
namespace qdcnn::qasm {
namespace {

using namespace circuit;

/// A number of a width, as the test's own interpreter holds it.
struct Number {
    std::uint64_t bits;
    unsigned width;
    bool is_signed = false;

    std::int64_t value() const {
        if (!is_signed || (bits >> (width - 1) & 1) == 0) return static_cast<std::int64_t>(bits);
        return static_cast<std::int64_t>(bits) - (std::int64_t{1} << width);
    }
};

Number number(std::int64_t value, unsigned width, bool is_signed) {
    return {static_cast<std::uint64_t>(value) & ((std::uint64_t{1} << width) - 1), width, is_signed};
}

struct Written {
    std::string text;
    Number value;
};

/// All numbers are of one type, so that nothing is promoted.
class Generator {
  public:
    Generator(Random& random, unsigned width, bool is_signed) : random_(random) {
        for (const char* name : {"a", "b"})
            variables_.push_back(
                {name, number(static_cast<std::int64_t>(random.below(std::uint64_t{1} << width)), width,
                              is_signed)});
        width_ = width;
        is_signed_ = is_signed;
    }
    const std::vector<Written>& variables() const { return variables_; }

    Written arithmetic(int depth) {
        if (depth == 0) {
            if (random_.below(4) == 0) {
                const auto value = static_cast<std::int64_t>(random_.below(std::uint64_t{1} << (width_ - 1)));
                return {fmt::format("{}[{}]({})", is_signed_ ? "int" : "uint", width_, value),
                        number(value, width_, is_signed_)};
            }
            return variables_[random_.below(variables_.size())];
        }
        const Written left = arithmetic(depth - 1), right = arithmetic(depth - 1);
        const std::int64_t a = left.value.value(), b = right.value.value();
        const auto make = [&](const char* op, std::int64_t value) {
            return Written{fmt::format("({} {} {})", left.text, op, right.text),
                           number(value, width_, is_signed_)};
        };
        switch (random_.below(7)) {
            case 0:
                return make("+", a + b);
            case 1:
                return make("-", a - b);
            case 2:
                return make("*", a * b);
            case 3:
                return make("&", a & b);
            case 4:
                return make("|", a | b);
            case 5:
                return make("^", a ^ b);
            default:
                return {fmt::format("(-{})", left.text), number(-a, width_, is_signed_)};
        }
    }

    Written boolean(int depth) {
        if (depth == 0 || random_.below(2) == 0) {
            const Written left = arithmetic(2), right = arithmetic(1);
            const std::int64_t a = left.value.value(), b = right.value.value();
            constexpr const char* kOperators[] = {"<", "<=", ">", ">=", "==", "!="};
            const bool results[] = {a<b, a <= b, a> b, a >= b, a == b, a != b};
            const std::size_t op = random_.below(6);
            return {fmt::format("({} {} {})", left.text, kOperators[op], right.text), {results[op], 1}};
        }
        const Written left = boolean(depth - 1), right = boolean(depth - 1);
        const bool a = left.value.bits != 0, b = right.value.bits != 0;
        switch (random_.below(3)) {
            case 0:
                return {fmt::format("({} && {})", left.text, right.text), {a && b, 1}};
            case 1:
                return {fmt::format("({} || {})", left.text, right.text), {a || b, 1}};
            default:
                return {"!" + left.text, {!a, 1}};
        }
    }

  private:
    Random& random_;
    std::vector<Written> variables_;
    unsigned width_;
    bool is_signed_;
};

/// The program's results: bits out (7 of them) and d.
std::string program(const Generator& given, const Written& value, const Written& truth, unsigned width,
                    bool is_signed, bool is_measured) {
    const std::string type = fmt::format("{}[{}]", is_signed ? "int" : "uint", width);
    std::string text = fmt::format(
        "OPENQASM 3.0;\ninclude \"stdgates.inc\";\nqubit[{}] q;\nbit[{}] out;\nbit d;\n", width, width);
    for (const Written& variable : given.variables()) {
        if (!is_measured) {
            text += fmt::format("{} {} = {};\n", type, variable.text, variable.value.value());
            continue;
        }
        text += "reset q;\n";
        for (unsigned i = 0; i < width; ++i)
            if (variable.value.bits >> i & 1) text += fmt::format("x q[{}];\n", i);
        text += fmt::format("{} {} = measure q;\n", type, variable.text);
    }
    text += fmt::format("{} r = {};\nout = r;\n", type, value.text);
    return text + fmt::format("if ({}) {{ d = 1; }} else {{ d = 0; }}\n", truth.text);
}

TEST(Expressions, MeanWhatPlainArithmeticMakesOfThem) {
    for (std::uint64_t seed = 0; seed < 400; ++seed) {
        Random random(seed);
        const auto width = static_cast<unsigned>(2 + random.below(3));
        const bool is_signed = random.below(2) == 1;
        Generator generator(random, width, is_signed);
        const Written value = generator.arithmetic(3), truth = generator.boolean(2);
        const std::uint64_t expected = value.value.bits | truth.value.bits << width;
        for (const bool is_measured : {false, true}) {
            const std::string text = program(generator, value, truth, width, is_signed, is_measured);
            SCOPED_TRACE(fmt::format("seed {}\n{}", seed, text));
            const Circuit circuit = read_qasm(text, "expression");
            const Circuit again = read_qasm(print_qasm(circuit), "printed");
            for (const Circuit* one : {&circuit, &again}) {
                std::uint64_t got = 0;
                for (const auto& [record, probability] : test::reference_run(*one).records()) {
                    if (probability < 1e-12) continue;
                    for (const Register& bits : one->result_registers())
                        for (std::uint32_t i = 0; i < bits.size; ++i)
                            got |= (record >> (bits.offset + i) & 1) << (bits.name == "out" ? i : width);
                }
                EXPECT_EQ(got, expected);
            }
        }
    }
}

TEST(Expressions, PlainConditionsStayPlain) {
    const auto condition = [](const std::string& text) {
        const Circuit circuit =
            read_qasm("include \"stdgates.inc\"; qubit q; bit[3] c; if (" + text + ") x q;", "one");
        return std::get<IfElse>(circuit.operations().at(0).kind()).condition;
    };
    for (const char* text : {"c == 5", "c[0] && !c[2]", "!(c != 2)", "c[1]", "!c[1]", "c > 6", "c < 1"})
        EXPECT_TRUE(condition(text).formula.empty()) << text;
    EXPECT_FALSE(condition("c > 5").formula.empty());
    EXPECT_FALSE(condition("c[0] ^ c[1]").formula.empty());
}

TEST(Expressions, QiskitGetsNestedBranches) {
    const Circuit circuit = read_qasm(
        "include \"stdgates.inc\"; qubit[3] q; bit[3] c; h q; c = measure q; if (c < 3 || c[0] ^ c[2]) x "
        "q[0]; "
        "else y q[1]; c = measure q;",
        "nested");
    const Circuit again = read_qasm(print_qasm(circuit, {.dialect = Dialect::qiskit}), "again");
    for_each_operation(again.operations(), [](const Operation& operation) {
        if (const Condition* condition = condition_of(operation)) {
            EXPECT_TRUE(condition->formula.empty());
        }
    });
    const auto expected = test::reference_run(circuit).records(), got = test::reference_run(again).records();
    ASSERT_EQ(got.size(), expected.size());
    for (const auto& [record, probability] : expected) EXPECT_NEAR(got.at(record), probability, 1e-12);
}

}  // namespace
}  // namespace qdcnn::qasm
