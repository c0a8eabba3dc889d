#include "qdcnn/vendors/ibm/typed_json.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "qdcnn/base/error.h"
#include "qdcnn/base/random.h"

namespace qdcnn::vendors::ibm {
namespace {

using nlohmann::json;

/// base64(zlib(npy)) as numpy 2.4.6 and Python 3.11's zlib wrote them:
/// numpy.save(buffer, array); base64.b64encode(zlib.compress(buffer.getvalue(), 9))
constexpr const char* kFortran =
    "eNqb7BfqGxDJyFDGUK2eklqcXKRupaBuk2ahrqOgnpZfVFKUmBefX5SSChIPKSpNBQoXZyQWpAK5GkY6CsaaOgq1CuQDLgYw+"
    "GEPoQUcIDTDAQglAuVzQekf9QDFQR+h";
constexpr const char* kNoAxes =
    "eNqb7BfqGxDJyFDGUK2eklqcXKRupaBuk2mirqOgnpZfVFKUmBefX5SSChJ3S8wpTgWKF2ckFqQC+RqaOgq1ChQBrp////8HAMO/"
    "HzQ=";
constexpr const char* kBytes =
    "eNqb7BfqGxDJyFDGUK2eklqcXKRupaBeU2qorqOgnpZfVFKUmBefX5SSChJ3S8wpTgWKF2ckFqQC+RrGOpo6CrUKFAAuhob/AMeE"
    "HSU=";
constexpr const char* kBooleans =
    "eNqb7BfqGxDJyFDGUK2eklqcXKRupaBek2SorqOgnpZfVFKUmBefX5SSChJ3S8wpTgWKF2ckFqQC+RpGOgpGmjoKtQpkAy5GBgZG"
    "ANyjG6Y=";
constexpr const char* kHalves =
    "eNqb7BfqGxDJyFDGUK2eklqcXKRupaBuk2akrqOgnpZfVFKUmBefX5SSChJ3S8wpTgWKF2ckFqQC+RomOpo6CrUKFAAuBov/vxkZ"
    "GGoAOgkeCA==";
constexpr const char* kBigEndian =
    "eNqb7BfqGxDJyFDGUK2eklqcXKRupaBul2mhrqOgnpZfVFKUmBefX5SSChJ3S8wpTgWKF2ckFqQC+RpGOpo6CrUKFAAuBghg/A8B"
    "/wAwbyNa";
constexpr const char* kComplex =
    "eNqb7BfqGxDJyFDGUK2eklqcXKRupaBuk2xopq6joJ6WX1RSlJgXn1+UkgqScEvMKU4FihdnJBakAvkahjqaOgq1CuQDLgYw+GAP"
    "oRkcABOlHNc=";
constexpr const char* kEmpty =
    "eNqb7BfqGxDJyFDGUK2eklqcXKRupaBuk2ahrqOgnpZfVFKUmBefX5SSChJ3S8wpTgWKF2ckFqQC+RoGOpo6CrUKFAAuAFOzG1s=";
constexpr const char* kText =
    "eNqb7BfqGxDJyFDGUK2eklqcXKRupaBuE2qorqOgnpZfVFKUmBefX5SSChJ3S8wpTgWKF2ckFqQC+RqGOpo6CrUKFACuRAYGBgC4"
    "oRul";

NdArray read(const json& value, std::size_t max_bytes = std::size_t{1} << 20) {
    return ndarray_from_json(JsonView(value, "x"), max_bytes);
}
NdArray read_text(const char* text) { return read(typed("ndarray", text)); }

std::string failure(const json& value, std::size_t max_bytes = std::size_t{1} << 20) {
    try {
        read(value, max_bytes);
    } catch (const Error& error) {
        return std::string(to_string(error.kind())) + ": " + error.what();
    }
    return "read";
}

using Shape = std::vector<std::size_t>;

TEST(TypedJson, ReadsWhatNumpyWrites) {
    const NdArray fortran = read_text(kFortran);
    EXPECT_EQ(fortran.shape, (Shape{2, 3}));
    const std::vector<double> values = fortran.numbers();
    EXPECT_EQ(std::vector<double>(values.begin(), values.end() - 1),
              (std::vector<double>{1.5, -2.0, 3.25, 4.0, 5.0}));
    EXPECT_TRUE(std::isnan(values.back()));
    EXPECT_EQ(read_text(kNoAxes).shape, Shape{});
    EXPECT_EQ(read_text(kNoAxes).numbers(), std::vector<double>{-7});
    EXPECT_EQ(read_text(kBytes).numbers(), (std::vector<double>{0, 128, 255}));
    EXPECT_EQ(read_text(kBooleans).numbers(), (std::vector<double>{1, 0, 0, 1}));
    EXPECT_EQ(read_text(kHalves).numbers(), (std::vector<double>{0.5, -65504.0, 5.960464477539063e-08,
                                                                 std::numeric_limits<double>::infinity()}));
    EXPECT_EQ(read_text(kBigEndian).numbers(), (std::vector<double>{1, -2}));
    EXPECT_EQ(read_text(kComplex).complex_number(0), std::complex<double>(1, 2));
    EXPECT_THROW(read_text(kComplex).number(0), Error);
    EXPECT_EQ(read_text(kEmpty).size(), 0U);
}

TEST(TypedJson, ReadsListsAndNumbers) {
    EXPECT_EQ(read(json(2.5)).shape, Shape{});
    EXPECT_EQ(read(json::parse("[[1, 2, 3], [4, 5, 6]]")).shape, (Shape{2, 3}));
    EXPECT_EQ(read(json::parse("[]")).shape, Shape{0});
    EXPECT_EQ(read(json::parse("[[], []]")).shape, (Shape{2, 0}));
    EXPECT_TRUE(std::isnan(read(typed("ndarray", json::parse("[1.5, null]"))).number(1)));
}

TEST(TypedJson, RefusesWhatIsNoArray) {
    EXPECT_NE(failure(json::parse("[[1], [2, 3]]")).find("2 elements, and 1"), std::string::npos);
    EXPECT_NE(failure(json::parse("[1, [2]]")).find("unequal depth"), std::string::npos);
    EXPECT_NE(failure(json::parse("[[1], 2]")).find("unequal depth"), std::string::npos);
    EXPECT_NE(failure(json::parse("[1, \"a\"]")).find("x[1]: expected a number"), std::string::npos);
    EXPECT_NE(failure(json("text")).find("expected a ndarray, found string"), std::string::npos);
    EXPECT_NE(failure(typed("set", json::array())).find("found a set"), std::string::npos);
    EXPECT_NE(failure(typed("ndarray", "!!!!")).find("x: these 4 characters are no base64"),
              std::string::npos);
    EXPECT_NE(failure(typed("ndarray", "AAAA")).find("no zlib stream"), std::string::npos);
    EXPECT_NE(failure(typed("ndarray", to_base64(deflate({1, 2, 3})))).find("no numpy array"),
              std::string::npos);
    EXPECT_EQ(failure(typed("ndarray", kText)).find("unsupported"), 0U);
    json deep = 1;
    for (int k = 0; k < 100; ++k) deep = json::array({deep});
    EXPECT_NE(failure(deep).find("64 deep"), std::string::npos);
}

TEST(TypedJson, RefusesMoreThanIsAllowed) {
    NdArray big;
    big.type = ElementType::u8;
    big.shape = {10'000'000};
    big.bytes.assign(10'000'000, 0);
    EXPECT_NE(failure(ndarray_to_json(big)).find("unfold to more than"), std::string::npos);
    EXPECT_NE(failure(json::parse("[1, 2, 3]"), 16).find("more than 16 bytes"), std::string::npos);
}

TEST(TypedJson, EveryByteOfAnArrayCounts) {
    const std::vector<std::uint8_t> bytes = to_npy(NdArray::of_doubles({2, 2}, {1, 2, 3, 4}));
    for (std::size_t length = 0; length < bytes.size(); ++length)
        EXPECT_THROW(from_npy({bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(length)}), Error)
            << length;
    const std::vector<std::uint8_t> packed = deflate(bytes);
    for (std::size_t length = 0; length < packed.size(); ++length)
        EXPECT_THROW(inflate({packed.begin(), packed.begin() + static_cast<std::ptrdiff_t>(length)}, 1 << 20),
                     Error)
            << length;
}

TEST(TypedJson, ArraysComeBackAsTheyWent) {
    Random random(11);
    for (const ElementType type :
         {ElementType::boolean, ElementType::i8, ElementType::i16, ElementType::i32, ElementType::i64,
          ElementType::u8, ElementType::u16, ElementType::u32, ElementType::u64, ElementType::f16,
          ElementType::f32, ElementType::f64, ElementType::c64, ElementType::c128})
        for (const Shape& shape : {Shape{}, Shape{0}, Shape{5}, Shape{2, 3}, Shape{2, 1, 4}}) {
            NdArray array{.type = type, .shape = shape, .bytes = {}};
            array.bytes.resize(array.size() * size_of(type));
            for (std::uint8_t& byte : array.bytes) byte = static_cast<std::uint8_t>(random.below(256));
            const NdArray back = read(ndarray_to_json(array));
            EXPECT_EQ(back.type, type);
            EXPECT_EQ(back.shape, shape);
            EXPECT_EQ(back.bytes, array.bytes);
        }
}

TEST(TypedJson, PythonsNumbersThatAreNoJson) {
    const json value = parse_python_json(R"({"a": [NaN, -Infinity, Infinity, 1], "b": "NaN \" NaN"})", "t");
    EXPECT_TRUE(std::isnan(value["a"][0].get<double>()));
    EXPECT_EQ(value["a"][1].get<double>(), -std::numeric_limits<double>::infinity());
    EXPECT_EQ(value["a"][2].get<double>(), std::numeric_limits<double>::infinity());
    EXPECT_EQ(value["b"].get<std::string>(), "NaN \" NaN");
    EXPECT_EQ(to_python_text(value), R"({"a":[NaN,-Infinity,Infinity,1],"b":"NaN \" NaN"})");
    EXPECT_EQ(to_python_text(json{{"a", 1.5}}), R"({"a":1.5})");
    EXPECT_THROW(parse_python_json("[NaN", "t"), Error);
    EXPECT_THROW(parse_python_json("[Nan]", "t"), Error);
    EXPECT_THROW(parse_python_json("\"open", "t"), Error);
}

}  // namespace
}  // namespace qdcnn::vendors::ibm
