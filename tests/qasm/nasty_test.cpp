#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "qdcnn/base/cpu_time.h"
#include "qdcnn/base/error.h"
#include "qdcnn/base/random.h"
#include "qdcnn/qasm/reader.h"

// Texts that ask for all time or all memory.
namespace qdcnn::qasm {
namespace {

const std::string kHead = "OPENQASM 3.0;\ninclude \"stdgates.inc\";\nqubit[2] q;\nbit[2] c;\n";

#ifdef QDCNN_SANITIZED
constexpr bool kIsRelease = false;
constexpr double kMostSeconds = 20;
// What runs up to a limit takes long under sanitizers.
constexpr ReadOptions kLimits{.max_expansion = 100'000};
#else
constexpr bool kIsRelease = true;
constexpr double kMostSeconds = 0.05;
constexpr ReadOptions kLimits;
#endif

/// CPU seconds, the least of so many calls.
template <class Function>
double least_seconds(int calls, Function function) {
    double least = 1e300;
    for (int call = 0; call < calls; ++call) {
        const double begin = cpu_seconds();
        function();
        least = std::min(least, cpu_seconds() - begin);
    }
    return least;
}

/// CPU seconds, the least of three times where they are too many: other work empties the caches.
template <class Function>
double seconds_for(Function function) {
    double least = 1e300;
    for (int attempt = 0; attempt < 3 && least > kMostSeconds; ++attempt)
        least = std::min(least, least_seconds(1, function));
    return least;
}

std::string repeated(const std::string& piece, std::size_t count) {
    std::string text;
    text.reserve(piece.size() * count);
    for (std::size_t i = 0; i < count; ++i) text += piece;
    return text;
}

struct Nasty {
    std::string name;
    std::string text;
};

/// All of them are refused.
std::vector<Nasty> nasty_texts() {
    std::string bomb = "gate g0 a { x a; x a; }\n", empty_bomb = "gate g0 a { }\n";
    for (int i = 1; i < 100; ++i) {
        const std::string line = fmt::format("gate g{} a {{ g{} a; g{} a; }}\n", i, i - 1, i - 1);
        bomb += line;
        empty_bomb += line;
    }
    std::string calls = "def f0(qubit a) { x a; }\n", cases;
    for (int i = 1; i < 100; ++i)
        calls += fmt::format("def f{}(qubit a) {{ f{}(a); f{}(a); }}\n", i, i - 1, i - 1);
    for (int i = 0; i < 10'000; ++i) cases += fmt::format("case {} {{ x q[0]; }} ", i);
    std::string bytes;
    Random random(7);
    for (int i = 0; i < 100'000; ++i) bytes += static_cast<char>(random.below(256));
    std::string registers;
    for (int i = 0; i < 30'000; ++i) registers += fmt::format("qubit r{};\n", i);
    std::string controlled = "qubit[60] r; ctrl(59) @ x r[0]";
    for (int i = 1; i < 60; ++i) controlled += fmt::format(", r[{}]", i);
    std::string gates;
    for (int i = 0; i < 5'000; ++i) gates += fmt::format("gate n{} a {{ n{} a; }}\n", i, i - 1);
    std::string breaks;
    for (int i = 0; i < 120; ++i) breaks += "for int i in [0:9] { c[0] = measure q[0]; if (c[0]) { break; } ";
    return {
        {"a wide register", "qubit[99999999999] q;"},
        {"a wide old register", "OPENQASM 2.0; qreg q[99999999999];"},
        {"a wide physical qubit", "h $99999999999;"},
        {"a gate that calls itself", kHead + "gate f a { f a; } f q[0];"},
        {"a subroutine that calls itself", kHead + "def f(qubit a) { f(a); } f(q[0]);"},
        {"a division by zero", kHead + "rz(1/0) q[0];"},
        {"a remainder by zero", kHead + "int i = 5 % 0;"},
        {"a power without bounds", kHead + "rz(9.0 ** 99999999) q[0];"},
        {"a shift without bounds", kHead + "int i = 1 << 99999999999;"},
        {"a zero in a name", kHead + std::string("h q\0[0];", 9)},
        {"bad UTF-8", kHead + "h q\xFF\xFE[0];"},
        {"a cut UTF-8 character", kHead + "h \xE2\x82"},
        {"bad UTF-8 throughout", repeated("\xC3\x28", 500'000)},
        {"names of other scripts", repeated("\xCF\x80\xCF\x81 ", 300'000)},
        {"an open block comment in a block", kHead + "if (c[0]) { /* "},
        {"an open bit string", kHead + "c = \"01"},
        {"many gates", kHead + gates},
        {"nested empty loops", kHead + repeated("for int i in [0:9] { ", 100) + repeated("}", 100)},
        {"nested measured breaks", kHead + breaks + repeated("}", 120)},
        {"nested known loops", kHead + "int i; " + repeated("while (i < 1) { ", 240) + repeated("}", 240)},
        {"nested switches", kHead + repeated("switch (c) { case 0 { ", 100'000)},
        {"pragmas for no box", repeated("#pragma braket verbatim\n", 50'000)},
        {"nested verbatim boxes", kHead + repeated("\n#pragma braket verbatim\nbox { ", 100'000)},
        {"an array bomb", kHead + "array[int, 99999999, 99999999] a;"},
        {"an array bomb of many dimensions", kHead + "array[int, 2" + repeated(", 2", 100'000) + "] a;"},
        {"braces of an array", kHead + "array[int, 2] a = " + repeated("{", 1'000'000) + "1;"},
        {"an array in nested branches",
         kHead + "array[bool, 50000] a; " + repeated("if (c[0]) { a[1] = true; ", 200) + repeated("}", 200)},
        {"copies of an array",
         kHead + "array[int, 20000] a; array[int, 20000] b; " + repeated("a = b; ", 50)},
        {"loops over an array",
         kHead + "array[int, 5000] a; " + repeated("for int i in a { ", 20) + repeated("}", 20)},
        {"an open loop over values", kHead + "for int i in " + repeated("{", 1'000'000)},
        {"a C loop without an end", kHead + "for (" + repeated("int i = 0; ", 100'000)},
        {"an open switch", kHead + "switch (c) { case 0: " + repeated("x q[0]; ", 100'000)},
        {"powers of powers", kHead + repeated("pow(0.5) @ ", 100'000) + "x q[0]"},
        {"rotations without bounds", kHead + "rz(rotl(\"01\", 99999999999) / 0) q[0];"},
        {"parentheses",
         kHead + "rz(" + repeated("(", 1'000'000) + "1" + repeated(")", 1'000'000) + ") q[0];"},
        {"signs", kHead + "rz(" + repeated("-", 1'000'000) + "1) q[0];"},
        {"sum", kHead + "rz(" + repeated("1+", 1'000'000) + "1) q[0];"},
        {"sums in sums",
         kHead + "rz(" + repeated("(", 900) + "1" + repeated(repeated("+1", 900) + ")", 900) + ") q[0];"},
        {"ifs", kHead + repeated("if (c[0]) ", 100'000) + "x q[0];"},
        {"blocks", kHead + repeated("if (c[0]) { ", 100'000)},
        {"else ifs", kHead + "if (c[0]) x q[0]; " + repeated("else if (c[0]) x q[0]; ", 100'000)},
        {"closing braces", repeated("}", 1'000'000)},
        {"opening braces", repeated("{", 1'000'000)},
        {"brackets", kHead + "h q" + repeated("[", 1'000'000)},
        {"annotation marks", repeated("@", 1'000'000)},
        {"semicolons", repeated(";", 1'000'000)},
        {"a long name", repeated("a", 1'000'000)},
        {"a long number", kHead + "rz(" + repeated("1", 1'000'000) + ") q[0];"},
        {"an open string", kHead + "include \"" + repeated("x", 1'000'000)},
        {"an open comment", kHead + "/*" + repeated("x", 1'000'000)},
        {"zeros", std::string(1'000'000, '\0')},
        {"random bytes", bytes},
        {"a gate bomb", kHead + bomb + "g99 q[0];"},
        {"an empty gate bomb", kHead + empty_bomb + "g60 q[0];"},
        {"many registers", registers},
        {"many controls", controlled + ";"},
        {"a subroutine bomb", kHead + calls + "f99(q[0]);"},
        {"nested loops on bits", kHead + repeated("while (!c[0]) { ", 100'000)},
        {"loops in loops", kHead + repeated("for int i in [0:9] ", 20) + "x q[0];"},
        {"a loop of 1e18", kHead + "for int i in [0:1000000000000000000] x q[0];"},
        {"a loop that never ends", kHead + "while (true) { x q[0]; }"},
        {"a loop that ends too late", kHead + "uint[64] i; while (i >= 0) { i += 1; }"},
        {"a long condition", kHead + "if (" + repeated("c[0] ^ ", 900) + "c[1]) x q[0];"},
        {"a growing expression", kHead + "uint[64] i = c; " + repeated("i = (i * i) ** 3;", 1) +
                                     repeated("i = i * (i ** 1000000000000000);", 1)},
        {"a switch of many cases", kHead + "switch (c) { " + cases + " }"},
        {"a wide variable", kHead + "int[99999999999] i;"},
        {"gates that call each other", kHead + "gate f a { g a; } gate g a { f a; } f q[0];"},
    };
}

TEST(Nasty, TextsAreRefusedInFiftyMilliseconds) {
    double slowest = 0;
    for (const Nasty& nasty : nasty_texts()) {
        SCOPED_TRACE(nasty.name);
        const double reading = seconds_for([&] {
            try {
                read_qasm(nasty.text, "nasty.qasm", kLimits);
                ADD_FAILURE() << "it was read";
            } catch (const Error& error) {
                EXPECT_NE(error.kind(), ErrorKind::internal);
                EXPECT_LT(std::string(error.what()).size(), 2000u);
                EXPECT_TRUE(error.position()) << error.what();
            }
        });
        const double checking =
            seconds_for([&] { EXPECT_FALSE(check_qasm(nasty.text, "nasty.qasm", kLimits).empty()); });
        EXPECT_LT(reading, kMostSeconds);
        EXPECT_LT(checking, kMostSeconds);
        slowest = std::max({slowest, reading, checking});
    }
    RecordProperty("slowest_milliseconds", static_cast<int>(slowest * 1000));
}

TEST(Nasty, TimeForOneLongLineGrowsWithItsLength) {
    constexpr std::size_t kLength = kIsRelease ? 100'000'000 : 5'000'000;
    const std::pair<const char*, const char*> lines[] = {
        {"", "a"},        {"", " "},           {"/*", "x"},      {"// ", "x"},
        {"", "\xC3\xA9"}, {"include \"", "x"}, {"#pragma ", "x"}};
    for (const auto& [begin, piece] : lines) {
        SCOPED_TRACE(std::string(begin) + piece);
        const auto seconds = [&, begin = begin, piece = piece](std::size_t length) {
            const std::string text =
                begin + repeated(piece, length / std::string_view(piece).size()) + "\nhh q;";
            return least_seconds(3, [&] { EXPECT_FALSE(check_qasm(text, "long.qasm", kLimits).empty()); });
        };
        const double small = seconds(kLength / 10), large = seconds(kLength);
        // Ten times, and what caches and clocks add.
        EXPECT_LT(large, 30 * small + 0.05);
        EXPECT_LT(large, 3.0);
    }
}

}  // namespace
}  // namespace qdcnn::qasm
