#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>

#include "qdcnn/base/random.h"
#include "qdcnn/qasm/reader.h"

namespace qdcnn::qasm {
namespace {

const std::string kHead = "OPENQASM 3.0;\ninclude \"stdgates.inc\";\nqubit[2] q;\nbit[2] c;\n";

/// Smaller than the defaults, so that what runs up to a limit does not take long under sanitizers.
constexpr ReadOptions kLimits{.max_expansion = 100'000};

struct BadInput {
    std::string text;
    ErrorKind kind;
    /// A telling part of the message.
    std::string message;
    int line;
    int column;
    /// Of the hint, may be empty.
    std::string hint;
};

std::vector<BadInput> bad_inputs() {
    const ErrorKind parse = ErrorKind::parse, invalid = ErrorKind::invalid_input,
                    unsupported = ErrorKind::unsupported;
    std::vector<BadInput> inputs = {
        // After the head, at line 5.
        {"h q[0]", parse, "expected ';' after the gate, found the end of the text", 5, 7, ""},
        {"#pragma braket unitary([[1, 0], [0, 1]]) q[0]\nh q[0];", unsupported, "the pragma braket unitary",
         5, 1, "Write it as gates"},
        {"pragma braket noise bit_flip(0.2) q[0]\nh q[0];", unsupported, "the pragma braket noise", 5, 1,
         "--noise"},
        {"pswap(0.1) q[0];", invalid, "gate pswap acts on 2 qubit(s), not 1", 5, 1, ""},
        {"hh q[0];", invalid, "gate \"hh\" is not known", 5, 1, "Did you mean \"h\"?"},
        {"frobnicate q[0];", invalid, "gate \"frobnicate\" is not known", 5, 1, "Define it"},
        {"cx q[0], qq[1];", invalid, "\"qq\" is not declared; expected a qubit", 5, 10,
         "Did you mean \"q\"?"},
        {"h q[2];", invalid, "index 2 is out of range: q has 2 element(s)", 5, 5, "0 to 1"},
        {"h q[-3];", invalid, "index -3 is out of range", 5, 5, ""},
        {"h q[0:5];", invalid, "reaches index 5; there are 2", 5, 3, "0 to 1"},
        {"h q[0:99999999999];", invalid, "reaches index 99999999999", 5, 3, ""},
        {"h q[1:0];", invalid, "the range is empty", 5, 3, ""},
        {"h q[0][0];", invalid, "no elements", 5, 3, ""},
        {"cx q[0], q[0];", invalid, "gate cx names qubit q[0] twice", 5, 1, ""},
        {"cx q[0];", invalid, "gate cx acts on 2 qubit(s), not 1", 5, 1, ""},
        {"rz q[0];", invalid, "gate rz takes 1 angle(s), not 0", 5, 1, ""},
        {"rz(1, 2) q[0];", invalid, "gate rz takes 1 angle(s), not 2", 5, 1, ""},
        {"rz(1/0) q[0];", invalid, "division by zero", 5, 4, ""},
        {"rz(1.0/0.0) q[0];", invalid, "division by zero", 5, 4, ""},
        {"rz(sqrt(-1)) q[0];", invalid, "is not a finite number", 5, 4, ""},
        {"rz(1e999) q[0];", parse, "not a number a double can hold", 5, 4, ""},
        {"rz(2 ** 80) q[0];", invalid, "overflows 64 bits", 5, 4, ""},
        {"rz(theta) q[0];", invalid, "\"theta\" is not declared; expected a number", 5, 4, ""},
        {"rz(q) q[0];", invalid, "\"q\" is a qubit register; expected a number", 5, 4, ""},
        {"rz(100ns) q[0];", invalid, "must be an angle, not a duration", 5, 4, ""},
        {"rz(siin(1)) q[0];", unsupported, "function siin is not known", 5, 4, "Did you mean \"sin\"?"},
        {"rz(2im) q[0];", unsupported, "complex numbers", 5, 4, ""},
        {"input float a; rz(a * a) q[0];", unsupported, "a product of an input", 5, 19, ""},
        {"input float a; rz(sin(a)) q[0];", unsupported, "sin of an input", 5, 19, ""},
        {"input float a; if (a > 0) x q[0];", unsupported, "of an input is not supported", 5, 20, ""},
        {"input bit b;", unsupported, "an input of bits without a value", 5, 11, "--inputs"},
        {"input duration d;", unsupported, "an input of this type", 5, 7, "float, angle"},
        {"input bool b; if (b) x q[0];", unsupported, "a condition on an input", 5, 19, "--inputs"},
        {"input int n; pow(n) @ x q[0];", unsupported, "a power by an input", 5, 18, "--inputs"},
        {"output float f;", unsupported, "an output of this type", 5, 8, "bit, bool, int"},
        {"if (c[0]) { output int r; }", invalid, "at top level only", 5, 24, ""},
        {"qubit[2] q;", invalid, "\"q\" is declared already, as a qubit register", 5, 10, ""},
        {"qubit[0] r;", invalid, "at least one element, not 0", 5, 7, ""},
        {"qubit[-1] r;", invalid, "at least one element, not -1", 5, 7, ""},
        {"qubit[1.5] r;", invalid, "must be an integer, not a number", 5, 7, ""},
        {"qubit[99999999999] r;", invalid, "exceed the limit of 1000000", 5, 7, ""},
        {"qubit[99999999999999999999999] r;", invalid, "must be an integer", 5, 7, ""},
        {"bit[99999999999] r;", invalid, "exceed the limit of 1000000", 5, 5, ""},
        {"qubit while;", parse, "'while' is a word of the language and cannot be a qubit register", 5, 7, ""},
        {"const float pi = 3;", invalid, "\"pi\" is built in", 5, 13, ""},
        {"const uint[2] n = 4;", invalid, "4 does not fit uint[2]", 5, 19, ""},
        {"const int[8] n = 128;", invalid, "128 does not fit int[8]", 5, 18, ""},
        {"const int[8] n = -129;", invalid, "-129 does not fit int[8]", 5, 18, ""},
        {"const uint[0] n = 0;", invalid, "at least one bit, not 0", 5, 12, ""},
        {"const int[1.5] n = 0;", invalid, "the width of a type must be an integer", 5, 11, ""},
        {"c = measure q[0];", invalid, "1 qubit(s) cannot be measured into 2 bit(s)", 5, 1, ""},
        {"q = measure c;", invalid, "\"q\" is a qubit register; expected a classical bit", 5, 1, ""},
        {"c[0] = measure c[1];", invalid, "\"c\" is a bit register; expected a qubit", 5, 16, ""},
        {"$0 = 1;", parse, "expected a statement", 5, 1, ""},
        {"h $0;", unsupported, "physical qubits beside declared ones", 5, 3, ""},
        {"delay[3] q[0];", invalid, "a delay needs a duration such as 100ns, not an integer", 5, 7, ""},
        {"delay[-3ns] q[0];", invalid, "cannot be negative", 5, 7, ""},
        {"delay[1ns + 1dt] q[0];", invalid, "dt and in seconds do not mix", 5, 7, ""},
        {"delay[0x10ns] q[0];", parse, "a number runs into a name", 5, 11, ""},
        {"delay[0x10 ns] q[0];", parse, "expected ']'", 5, 12, ""},
        {"delay[0b1s] q[0];", parse, "a number runs into a name", 5, 10, ""},
        {"delay[0o7us] q[0];", parse, "a number runs into a name", 5, 10, ""},
        {"rz(0x2im) q[0];", parse, "a number runs into a name", 5, 7, ""},
        {"delay[3ks] q[0];", parse, "a number runs into a name", 5, 8, ""},
        {"delay[3 ks] q[0];", parse, "expected ']'", 5, 9, ""},
        {"if (c[0]) { x q[0];", parse, "expected '}' to close the block", 5, 20, ""},
        {"if c[0] x q[0];", parse, "expected '(' after if", 5, 4, ""},
        {"if (c == \"1\") x q[0];", invalid, "a string of 1 bits is compared with 2", 5, 10, ""},
        {"if (c == q) x q[0];", invalid, "expected a number", 5, 10, ""},
        {"if (c[0]) { qubit r; }", invalid, "at top level only", 5, 13, ""},
        // Control flow and variables.
        {"bit b = \"11\";", invalid, "a string of 2 bits for a register of 1", 5, 9, ""},
        {"c[2] = 1;", invalid, "index 2 is out of range", 5, 3, ""},
        {"c = \"111\";", invalid, "a string of 3 bits for 2 bit(s)", 5, 5, ""},
        {"const int n = 1; n = 2;", invalid, "\"n\" is a constant", 5, 18, ""},
        {"for int i in [0:1] { i = 2; }", invalid, "a loop's variable", 5, 22, ""},
        {"q = 1;", invalid, "\"q\" is a qubit register; expected a classical bit", 5, 1, ""},
        {"h = 1;", invalid, "\"h\" is not declared; expected", 5, 1, ""},
        {"int[65] n;", unsupported, "a type of 65 bits", 5, 5, "64 bits"},
        {"int[0] n;", invalid, "at least one bit, not 0", 5, 5, ""},
        {"bool[3] n;", parse, "expected a name", 5, 5, ""},
        {"while (true) x q[0];", invalid, "this loop never ends", 5, 1, "break"},
        {"while (c == c) x q[0];", invalid, "loops take more than 50000 turns", 5, 1, ""},
        {"uint[8] i; while (i < 300) i += 1;", invalid, "loops take more than 50000 turns", 5, 12, "end?"},
        {"while c x q[0];", parse, "expected '(' after while", 5, 7, ""},
        {"switch (c) { x q[0]; }", parse, "expected case or default in the switch", 5, 14, ""},
        {"switch (c) { default { } case 0 { } }", parse, "default is the last", 5, 26, ""},
        {"switch (c) { case 1 { } case 0, 1 { } }", invalid, "two cases have this label", 5, 33, ""},
        {"case 0 { }", parse, "'case' stands in the block of a switch", 5, 1, ""},
        {"break;", invalid, "this statement stands in no loop", 5, 1, ""},
        {"if (c[0]) continue;", invalid, "this statement stands in no loop", 5, 11, ""},
        {"if (c[0]) end;", unsupported, "'end' where a measurement decides it", 5, 11, ""},
        {"return;", invalid, "return stands in no subroutine", 5, 1, ""},
        {"def f(qubit a) { break; } for int i in [0:1] f(q[0]);", invalid, "in no loop", 5, 18, ""},
        {"def f(qubit a) { g(a); } def g(qubit a) { f(a); } f(q[0]);", invalid, "subroutine f calls itself",
         5, 43, ""},
        {"def f(qubit a) { f(a); } f(q[0]);", invalid, "subroutine f calls itself", 5, 18, ""},
        {"def f(qubit a) { x q[0]; } f(q[0]);", invalid, "knows its own", 5, 20, ""},
        {"def f(qubit a, qubit b) { } f(q[0], q[0]);", invalid, "given qubit q[0] twice", 5, 29, ""},
        {"def f(qubit[3] a) { } f(q);", invalid, "takes 3 qubit(s), not 2", 5, 25, ""},
        {"def f(qubit a) { } f(q[0], 1);", invalid, "takes 1 argument(s), not 2", 5, 20, ""},
        {"def f(qubit a) { } rz(f(q[0])) q[0];", invalid, "returns nothing", 5, 23, ""},
        {"def f(qubit a) { } f q[0];", invalid, "\"f\" is a subroutine", 5, 20, "parentheses"},
        // Slips.
        {"x q[0]\nx q[1];", parse, "expected ';' after the gate, found 'x'", 5, 7, ""},
        {"x q[0]", parse, "expected ';' after the gate, found the end of the text", 5, 7, ""},
        {"hq[0];", parse, "expected '=' after the bits of hq", 5, 6, "a blank"},
        {"qbit[2] r;", parse, "expected '=' after the bits of qbit", 5, 9, "\"qubit\""},
        {"mesure q -> c;", parse, "expected ';' after the gate, found '->'", 5, 10, "\"measure\""},
        {"H q[0];", invalid, "gate \"H\" is not known", 5, 1, "\"h\""},
        {"rx(pie) q[0];", invalid, "\"pie\" is not declared; expected a number", 5, 4, "\"pi\""},
        {"x r[0];", invalid, "\"r\" is not declared; expected a qubit", 5, 3, "\"q\""},
        {"rx(pi)) q[0];", parse, "expected the qubits of gate rx, found ')'", 5, 7, ""},
        {"int i; i++;", parse, "of gate i, found '++'", 5, 9, "i += 1"},
        {"for int i in 0:1 { x q[i]; }", parse, "found ':'", 5, 15, "[0:2]"},
        {"for (int i = 0; i < 2; i++) { x q[i]; }", parse, "the type of the loop variable", 5, 5, "[0:2]"},
        {"switch (c) { case 0: x q[0]; }", parse, "expected '{' after the labels, found ':'", 5, 20,
         "case 0 {"},
        // Arrays.
        {"array[int[8]] a;", parse, "expected ',' before the sizes of the array", 5, 13, ""},
        {"array[int[8], 0] a;", invalid, "an array needs at least one element, not 0", 5, 15, ""},
        {"array[int[8], 99999999, 99999999] a;", invalid, "expands to more than", 5, 15, ""},
        {"array[int, 2, 2, 2, 2, 2, 2, 2, 2] a;", invalid, "at most 7 dimensions", 5, 36, ""},
        {"array[int[8], #dim = 1] a;", invalid, "are numbers", 5, 22, ""},
        {"array[int, 2] a = {1, 2, 3};", invalid, "3 value(s) for 2 element(s)", 5, 19, ""},
        {"array[int, 2] a = {1, {2}};", invalid, "expected a single value here, not a list", 5, 23, ""},
        {"array[int, 2] a = 3;", invalid, "expected an array of 2 here", 5, 19, "{1, 2, 3}"},
        {"array[int, 2] a; rx(a) q[0];", invalid, "an array of 2 here; expected one of its", 5, 21, "index"},
        {"array[int, 2] a; rx(a[2]) q[0];", invalid, "index 2 is out of range", 5, 23, "from 0 to 1"},
        {"array[int, 2] a; rx(a[0:1]) q[0];", unsupported, "a slice of an array", 5, 21, "one by one"},
        {"array[int, 2] a; array[int, 3] b; a = b;", invalid, "an array of 3 for one of 2", 5, 39, ""},
        {"array[int, 2] a; a = 1;", invalid, "is assigned another one", 5, 22, "index"},
        {"array[uint[4], 2] a; a[0][1] = 1;", unsupported, "bits of an array's element", 5, 22, ""},
        {"array[int, 2, 2] a; for int i in a { }", invalid, "one dimension of an array", 5, 34, ""},
        {"gate f a { array[int, 2] b; }", invalid, "an array cannot be declared in", 5, 26, ""},
        {"array[int, 2] a; if (c[0]) { a[0] = 1; } rx(a[0]) q[0];", unsupported, "on a measurement", 5, 45,
         ""},
        {"array[float, 2] a; if (c[0]) { a[0] = 1; }", unsupported, "where a measurement decides", 5, 39, ""},
        {"def f(array[int, 2] a) { }", parse, "readonly array", 5, 7, ""},
        {"def f(readonly array[int, 2] a) { a[0] = 1; } array[int, 2] b; f(b);", invalid, "read only", 5, 35,
         ""},
        {"def f(readonly array[int, 2] a) { } array[int, 3] b; f(b);", invalid, "another size or type", 5, 56,
         ""},
        {"def f(mutable array[int, 2] a) { } array[int, 2] b; if (c[0]) { f(b); }", unsupported,
         "a mutable array given to a subroutine where a measurement", 5, 67, ""},
        {"def f(readonly array[int, 2] a) { } f(c);", invalid, "parameter a takes an array", 5, 39, ""},
        {"rx(sizeof(3)) q[0];", invalid, "sizeof takes an array or register", 5, 4, ""},
        {"rx(sizeof(q, 1)) q[0];", invalid, "there is no dimension 1: q has 1", 5, 14, "The first"},
        {"rx(rotl(3, 1)) q[0];", invalid, "rotl takes a bit register or a uint, not an integer", 5, 4, ""},
        {"rx(rotl(\"10\", 0.5)) q[0];", invalid, "the count of a rotation must be an integer", 5, 4, ""},
        {"h q[0, 1];", invalid, "has no elements", 5, 3, "{0, 1}"},
        {"gate f a { if (true) { } }", invalid, "a branch cannot stand in the body of a gate", 5, 12, ""},
        {"rz(c) q[0];", unsupported, "cannot depend on a measurement", 5, 4, "Branch"},
        {"x q[c];", unsupported, "an index cannot depend on a measurement", 5, 5, ""},
        {"float f; if (c[0]) f = 1.0;", unsupported, "where a measurement decides", 5, 24, ""},
        {"if (c[0] + 0.5 > 1) x q[0];", unsupported, "on a measured value and a number", 5, 5, ""},
        {"int i = c; i = 4 / i;", unsupported, "a division by what is measured", 5, 16, ""},
        {"delay[durationof({ x q[0]; })] q[0];", unsupported, "durationof", 5, 7, ""},
        {"box[3] { }", invalid, "a box needs a duration", 5, 5, ""},
        {"duration d = 3; delay[d] q;", invalid, "cannot be converted", 5, 14, ""},
        {"} x q[0];", parse, "'}' closes no block", 5, 1, ""},
        {"for int i in [0:2:", parse, "expected a value here, found the end of the text", 5, 19, ""},
        {"for int i in [0:0:2] x q[0];", invalid, "the step of a range cannot be 0", 5, 1, ""},
        {"for int i in [0:10] x q[i];", invalid, "index 2 is out of range", 5, 25, ""},
        {"for int i in 3 x q[0];", invalid, "a loop goes over a range, a set or", 5, 14, "[0:3]"},
        {"for int i in [0:1000000000000] x q[0];", invalid, "expands to more than 100000", 5, 1, ""},
        {"for int i in [0:9999] for int j in [0:9999] { }", invalid, "expands to more than 100000", 5, 23,
         ""},
        {"gate f a { f a; } f q[0];", invalid, "gate \"f\" calls itself", 5, 12, ""},
        {"gate f a { measure a; }", invalid, "a measurement cannot stand in the body of a gate", 5, 12, ""},
        {"gate f a { x b; }", invalid, "\"b\" is not declared", 5, 14, ""},
        {"gate f a { x q[0]; }", invalid, "a gate's body knows its own qubits and parameters only", 5, 14,
         ""},
        {"input float t; gate f a { rz(t) a; }", invalid, "a gate's body knows its own", 5, 30, ""},
        {"gate f a, a { x a; }", invalid, "two parameters or qubits \"a\"", 5, 11, ""},
        {"gate f a { cx a, a; }", invalid, "names a qubit twice", 5, 12, ""},
        {"gate h a { x a; }", invalid, "this definition means another gate", 5, 6, ""},
        {"gate f a { } gate f b { }", invalid, "\"f\" is declared already, as a gate", 5, 19, ""},
        {"if (c[0]) { gate f a { } }", invalid, "defined at top level only", 5, 13, ""},
        {"inv(2) @ x q[0];", parse, "inv takes no argument", 5, 5, ""},
        {"ctrl(0) @ x q[0];", invalid, "1 to 64 controls, not 0", 5, 1, ""},
        {"ctrl @ x q[0];", invalid, "gate x acts on 2 qubit(s), not 1", 5, 1, ""},
        {"gate g a, b { h a; cx a, b; } pow(0.5) @ g q[0], q[1];", unsupported, "power 0.5 of this gate", 5,
         31, "on one qubit"},
        {"input float t; pow(0.5) @ rx(t) q[0];", unsupported, "power 0.5 of this gate", 5, 16, ""},
        // -Z is the table's z up to a phase, but its root is not.
        {"pow(1000000) @ pow(1000000) @ x q[0];", invalid, "expands to more than", 5, 16, ""},
        {"let a = r;", invalid, "\"r\" is not declared", 5, 9, ""},
        {"qubt r;", invalid, "gate \"qubt\" is not known", 5, 1, "Did you mean \"qubit\"?"},
        {"qubt 5;", parse, "expected the qubits of gate qubt", 5, 6, "Did you mean \"qubit\"?"},
        {"quibt[2] r;", parse, "expected '='", 5, 10, ""},
        {"include \"nowhere/none.inc\";", ErrorKind::not_found, "there is no file", 5, 1, "Built in"},
        {"OPENQASM 3.0;", parse, "at the beginning of a text", 5, 1, ""},
        {"h q[0]; /* open", parse, "this comment has no end", 5, 9, ""},
        {"include \"stdgates.inc;", parse, "this string has no end", 5, 9, ""},
        {"rz(3x) q[0];", parse, "a number runs into a name", 5, 5, ""},
        {"h q[0] ? ;", parse, "character '?' has no meaning", 5, 8, ""},
        {"h \xC3\xA9[0]; x \xE2\x82\xAC;", invalid, "is not declared", 5, 3, ""},
        {"h q[0]; \xE2\x82\xAC", parse, "character U+20AC has no meaning", 5, 9, ""},
        {"h q[0]; \xFF", parse, "byte 0xFF is not valid UTF-8", 5, 9, ""},
        {"// \xC3\xA9\xC3\xA9\n/* \xC3\xA9 */ hh q[0];", invalid, "gate \"hh\" is not known", 6, 9, ""},
        {std::string("h q[0];\0", 8), parse, "byte 0x00 has no place", 5, 8, ""},
    };
    for (const auto& [text, what] : std::initializer_list<std::pair<const char*, const char*>>{
             {"extern f(int[8], float) -> bit;", "'extern': extern functions"},
             {"defcal x $0 { play(d0, w); }", "'defcal': pulse calibrations"},
             {"defcal measure $0 -> bit { return capture(d0, w); }", "'defcal': pulse calibrations"},
             {"cal { waveform w = gaussian(1.0, 16dt, 4dt); }", "'cal': pulse calibrations"},
             {"defcalgrammar \"openpulse\";", "'defcalgrammar': pulse calibrations"},
             {"stretch s;", "'stretch': durations that a scheduler chooses"},
             {"complex[float] z = 2im;", "'complex': complex numbers"}})
        inputs.push_back({text, unsupported, what, 5, 1, ""});
    inputs.push_back({"float f = c;", unsupported, "may depend on a measurement", 5, 11, ""});
    inputs.push_back({"angle a = c[0];", unsupported, "may depend on a measurement", 5, 11, ""});
    for (const char* word :
         {"extern", "defcal", "cal", "defcalgrammar", "complex", "stretch", "opaque", "nop"})
        inputs.push_back(
            {fmt::format("{} thing; x q[0];", word), unsupported, fmt::format("'{}'", word), 5, 1, ""});
    return inputs;
}

TEST(Errors, EveryBadInputIsNamedAtItsPlace) {
    for (const BadInput& input : bad_inputs()) {
        SCOPED_TRACE(input.text);
        try {
            read_qasm(kHead + input.text, "bad.qasm", kLimits);
            ADD_FAILURE() << "it was read";
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), input.kind);
            EXPECT_NE(std::string(error.what()).find(input.message), std::string::npos) << error.what();
            EXPECT_NE(std::string(error.what()).find("^"), std::string::npos) << error.what();
            ASSERT_TRUE(error.position());
            EXPECT_EQ(error.position()->file, "bad.qasm");
            EXPECT_EQ(error.position()->line, input.line);
            EXPECT_EQ(error.position()->column, input.column);
            EXPECT_NE(error.hint().find(input.hint), std::string::npos) << error.hint();
        }
        const auto diagnostics = check_qasm(kHead + input.text, "bad.qasm", kLimits);
        ASSERT_FALSE(diagnostics.empty());
        EXPECT_NE(diagnostics[0].message.find(input.message), std::string::npos) << diagnostics[0].message;
    }
}

TEST(Errors, TheExcerptShowsLineAndCaret) {
    try {
        read_qasm(kHead + "x q[0];\n  cx q[0],\tq[7]; // far\nx q[1];", "bad.qasm");
        FAIL();
    } catch (const Error& error) {
        EXPECT_STREQ(error.what(),
                     "index 7 is out of range: q has 2 element(s)\n"
                     "      cx q[0], q[7]; // far\n"
                     "                 ^");
    }
}

TEST(Errors, VersionsAreNamed) {
    for (const char* version : {"1.0", "4.0", "2.1", "3.2"}) {
        try {
            read_qasm(fmt::format("OPENQASM {};\nqubit q;", version), "v");
            ADD_FAILURE() << version;
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), ErrorKind::unsupported);
            EXPECT_NE(std::string(error.what()).find(version), std::string::npos);
        }
    }
}

TEST(Errors, CheckFindsSeveralInOnePass) {
    const auto diagnostics = check_qasm(kHead +
                                            "hh q[0];\n"
                                            "qubit[1.5] broken;\n"
                                            "x broken;\n"
                                            "while (true) { x q[0]; frobnicate; }\n"
                                            "if (c[0]) { rz q[0]; x q[0] }\n"
                                            "rz(1/0) q[1];\n"
                                            "for int i in [0:5] { x q[i]; }\n"
                                            "x q[0];\n"
                                            "cx q[0] q[1];\n",
                                        "many.qasm");
    std::vector<std::pair<int, int>> places;
    for (const Diagnostic& diagnostic : diagnostics)
        places.emplace_back(diagnostic.position.line, diagnostic.position.column);
    // Line 7 only echoes line 6; in line 9 the block's parse error and the gate's wrong number of angles.
    const std::vector<std::pair<int, int>> expected{{5, 1},  {6, 7},  {8, 34},  {8, 1}, {9, 29},
                                                    {9, 13}, {10, 4}, {11, 26}, {13, 9}};
    EXPECT_EQ(places, expected);
    for (const Diagnostic& diagnostic : diagnostics) EXPECT_FALSE(diagnostic.excerpt.empty());
}

TEST(Errors, WhatARefusedDeclarationNamesIsNotReportedAgain) {
    for (const char* text :
         {"stretch s; delay[s] q;", "duration d = durationof({ x q; }); delay[d] q;",
          "const complex[float[64]] z = 1.0 + 2.0im; rx(real(z)) q[0];",
          "extern f(int[8]) -> int; int i = f(3);", "array[int[8], 2] a = {1, , 3}; rx(a[0]) q[0];",
          "int[8 n = 3; rx(n) q[0];", "gate g a { x a; h b, } g q[0];", "def f(qubit) { x a; } f(q[0]);",
          "let l = q[0; x l;", "for int i in {0, , 1} { x q[i]; }", "for (int i = 0; i < 2; i++) { x q[i]; }",
          "switch (c) { case 0: x q[0]; }", "switch (c) { case 0 { } default { } default { } }",
          "switch (c) { case 0 { x q[0]; } case 1 { x q[0] } case 2 { x q[1]; } }", "x q[{0, , 1}];",
          "input float[64 t; rx(t) q[0];"}) {
        SCOPED_TRACE(text);
        const auto found = check_qasm(kHead + text, "refused.qasm");
        EXPECT_EQ(found.size(), 1u) << (found.size() > 1 ? found[1].message : "");
    }
}

TEST(Errors, CheckTakesWhatReadTakes) {
    EXPECT_TRUE(check_qasm(kHead + "h q; c = measure q;", "good").empty());
    EXPECT_TRUE(check_qasm("", "empty").empty());
}

TEST(Errors, ALoopThatFailsHalfWayIsLeftForGood) {
    // The flag of the first break takes bits that are not there any more for k.
    const std::string text =
        "qubit q; bit c; c = measure q;\n"
        "for int i in [0:3] { int k; for int j in [0:1] { if (c) { break; } k = j; } }\n"
        "if (c) { break; }\n"
        "return;\n";
    const auto found = check_qasm(text, "half.qasm", {.max_clbits = 8});
    ASSERT_EQ(found.size(), 3u);
    EXPECT_NE(found[0].message.find("exceed the limit"), std::string::npos) << found[0].message;
    EXPECT_NE(found[1].message.find("stands in no loop"), std::string::npos) << found[1].message;
    EXPECT_NE(found[2].message.find("stands in no subroutine"), std::string::npos) << found[2].message;
}

TEST(Errors, DiagnosticsAreLimited) {
    std::string text = kHead;
    for (int i = 0; i < 1000; ++i) text += "hh q[0];\n";
    EXPECT_EQ(check_qasm(text, "many").size(), ReadOptions{}.max_diagnostics);
}

const std::string kProgram = R"(OPENQASM 3.0;
include "stdgates.inc";
gate rzz(t) a, b { cx a, b; rz(t / 2 + pi) b; inv @ ctrl @ x a, b; }
const int n = 3; input float[64] theta; input angle phi;
qubit[n] q; qubit r; bit[2] c; bit d = measure r;
let a = q[0:1] ++ r;
rzz(2 * theta - phi) q[0], a[1]; ctrl(2) @ pow(2) @ u3(0.1, -2e-3, tau) q[0], q[1], r;
for int i in [0:1] { cx q[i], q[i + 1]; if (i == 1) { h q[{0, 2}]; } }
c = measure q[0:2:2]; if (c == 2 || !d && c[0] ^ d) { x q[-1]; } else if (c[1] != true) { reset q; } else { y r; }
#pragma keep
def flip(qubit a, uint[3] k) -> bit { if (k > 2) { x a; return 1; } return measure a; }
uint[4] m = 3; int[4] s = -2; bool b = flip(r, m); m += uint[4](b) * 2; bit[3] e = "010";
while (m < 9 && !b) { m += 1; b = measure r; if (b) break; if (e[0]) continue; s = s - int[4](m); }
switch (m) { case 1, 2 { x q[0]; } case 3 { e = ~e << 1; } default { box[10ns] { y r; } } }
array[uint[4], 2, 2] ar = {{1, 2}, {3, 4}}; ar[0] = ar[1]; ar[0, 1] += m; def su(readonly array[uint[4], #dim = 2] v)
-> uint[4] { return v[0][0] + sizeof(v); } m = su(ar); for bit v in e { if (v) x q[0]; } e = rotl(e, 1);
for uint[3] k in {1, 2} { if (c[0]) { break; } e[k] = b; } duration w = 10ns; delay[w / 2] r;
delay[2 * 10ns] q; barrier; gphase(sin(0.5) ** 2); negctrl @ gphase(pi) r;
)";

/// The program with some bytes changed, removed, doubled or moved.
std::string mutated(Random& random) {
    constexpr std::string_view kBytes = ";,:()[]{}@=+-*/%<>!&|^~$\"'#._ \n09abqx\xC3\xA9\x80\0";
    std::string text = kProgram;
    for (std::uint64_t change = 1 + random.below(4); change > 0; --change) {
        const std::size_t begin = random.below(text.size());
        const std::size_t length = std::min<std::size_t>(1 + random.below(12), text.size() - begin);
        switch (random.below(4)) {
            case 0:
                text[begin] = kBytes[random.below(kBytes.size())];
                break;
            case 1:
                text.erase(begin, length);
                break;
            case 2:
                text.insert(begin, text.substr(begin, length));
                break;
            default:
                text.insert(random.below(text.size()), text.substr(begin, length));
                break;
        }
        if (text.empty()) text = ";";
    }
    return text;
}

TEST(Errors, MutatedProgramsAreReadOrRefused) {
    ASSERT_TRUE(check_qasm(kProgram, "program.qasm").empty())
        << check_qasm(kProgram, "program.qasm")[0].message;
    Random random(11);
    int refused = 0;
    for (int round = 0; round < 3000; ++round) {
        const std::string text = mutated(random);
        std::string message;
        try {
            read_qasm(text, "mutated.qasm", kLimits);
        } catch (const Error& error) {
            message = error.what();
            ++refused;
            EXPECT_NE(error.kind(), ErrorKind::internal) << text;
            EXPECT_TRUE(error.position()) << message << text;
        }
        const auto diagnostics = check_qasm(text, "mutated.qasm", kLimits);
        EXPECT_EQ(diagnostics.empty(), message.empty()) << message << "\n" << text;
    }
    EXPECT_GT(refused, 1000);
    EXPECT_LT(refused, 2990);
}

}  // namespace
}  // namespace qdcnn::qasm
