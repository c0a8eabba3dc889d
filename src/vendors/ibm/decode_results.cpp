#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>
#include <set>

#include "qdcnn/base/error.h"
#include "qdcnn/vendors/ibm/results.h"
#include "qdcnn/vendors/ibm/typed_json.h"

namespace qdcnn::vendors::ibm {

using backend::BitArray;
using nlohmann::json;

namespace {

/// Qiskit's own limit on what a job returns is far below this.
constexpr std::size_t kMostBytes = std::size_t{1} << 32;

/// A PUB's part of the result, in either form.
struct PubData {
    /// Field names in order; empty where the form has no order.
    std::vector<std::string> order;
    JsonView fields;
    std::optional<JsonView> metadata;
};

PubData typed_pub(const JsonView& pub) {
    const std::string type = type_of(pub);
    if (type != "SamplerPubResult" && type != "EstimatorPubResult" && type != "PubResult")
        pub.fail(fmt::format("expected a PubResult, found {}",
                             type.empty() ? std::string(pub.value().type_name()) : "a " + type));
    const JsonView value = pub.at("__value__");
    const JsonView bin = typed_value(value.at("data"), "DataBin");
    return {bin.has("field_names") ? bin.at("field_names").texts() : bin.at("fields").keys(),
            bin.at("fields"), value.has("metadata") ? std::optional(value.at("metadata")) : std::nullopt};
}

PubData plain_pub(const JsonView& pub) {
    return {pub.at("data").keys(), pub.at("data"),
            pub.has("metadata") ? std::optional(pub.at("metadata")) : std::nullopt};
}

void add_metadata(std::map<std::string, std::string>& into, const std::optional<JsonView>& metadata) {
    if (!metadata || !metadata->value().is_object()) return;
    for (const auto& [key, value] : metadata->value().items()) into[key] = to_python_text(value);
}

/// Bits of a register from bytes, the first of them most significant.
void set_bits(BitArray& shots, std::size_t row, std::uint64_t shot, const std::uint8_t* bytes,
              std::size_t width, const JsonView& where) {
    for (std::size_t bit = 0; bit < 8 * width; ++bit) {
        const bool value = (bytes[width - 1 - bit / 8] >> (bit % 8) & 1) != 0;
        if (!value) continue;
        if (bit >= shots.bits()) where.fail(fmt::format("a bit beyond the {} that it has", shots.bits()));
        shots.set(row, shot, static_cast<std::uint32_t>(bit), true);
    }
}

std::uint32_t bits_of(const JsonView& number) {
    const std::int64_t bits = number.integer();
    if (bits < 0 || bits > std::numeric_limits<std::int32_t>::max())
        number.fail(fmt::format("{} is no number of bits", bits));
    return static_cast<std::uint32_t>(bits);
}

BitArray from_bit_array(const JsonView& field, std::size_t rows) {
    const JsonView value = typed_value(field, "BitArray");
    const std::uint32_t bits = bits_of(value.at("num_bits"));
    const JsonView where = value.at("array");
    const NdArray array = ndarray_from_json(where, kMostBytes);
    const std::size_t width = (bits + std::size_t{7}) / 8;
    if (array.type != ElementType::u8 || array.shape.size() < 2 || array.shape.back() != width)
        where.fail(fmt::format("expected an array of bytes, {} for each shot", width));
    const std::size_t shots = array.shape[array.shape.size() - 2];
    if (array.size() != rows * shots * width)
        where.fail(fmt::format("expected {} rows of {} shots", rows, shots));
    BitArray result(rows, shots, bits);
    for (std::size_t row = 0; row < rows; ++row)
        for (std::size_t shot = 0; shot < shots; ++shot)
            set_bits(result, row, shot, array.bytes.data() + (row * shots + shot) * width, width, where);
    return result;
}

/// "0x1f" as bytes, most significant first, `width` of them.
std::vector<std::uint8_t> from_hex(const JsonView& sample, std::size_t width) {
    const std::string text = sample.text();
    std::vector<std::uint8_t> bytes(width, 0);
    if (!text.starts_with("0x") || text.size() == 2) sample.fail("expected a number such as \"0x3\"");
    for (std::size_t k = 0; k < text.size() - 2; ++k) {
        std::uint8_t digit = 0;
        const char* const at = text.data() + text.size() - 1 - k;
        if (std::from_chars(at, at + 1, digit, 16).ptr != at + 1)
            sample.fail("expected a number such as \"0x3\"");
        if (digit == 0) continue;
        if (k / 2 >= width) sample.fail("a bit beyond those that it has");
        bytes[width - 1 - k / 2] |= static_cast<std::uint8_t>(digit << (k % 2 * 4));
    }
    return bytes;
}

/// Nested lists of samples, row by row.
void append_samples(const JsonView& list, std::vector<std::vector<JsonView>>& rows) {
    std::vector<JsonView> elements = list.elements();
    if (elements.empty() || elements[0].value().is_string()) {
        rows.push_back(std::move(elements));
        return;
    }
    for (const JsonView& element : elements) append_samples(element, rows);
}

BitArray from_samples(const JsonView& field, std::size_t rows) {
    const std::uint32_t bits = bits_of(field.at("num_bits"));
    const JsonView where = field.at("samples");
    std::vector<std::vector<JsonView>> samples;
    append_samples(where, samples);
    if (samples.size() != rows)
        where.fail(fmt::format("expected samples of {} rows, found {}", rows, samples.size()));
    BitArray result(rows, samples.empty() ? 0 : samples[0].size(), bits);
    const std::size_t width = (bits + std::size_t{7}) / 8;
    for (std::size_t row = 0; row < rows; ++row) {
        if (samples[row].size() != result.shots()) where.fail("rows of unequal numbers of shots");
        for (std::size_t shot = 0; shot < samples[row].size(); ++shot)
            set_bits(result, row, shot, from_hex(samples[row][shot], width).data(), width,
                     samples[row][shot]);
    }
    return result;
}

backend::SamplerPubResult sampler_pub(const PubData& pub, const PubShape& shape) {
    backend::SamplerPubResult result;
    std::vector<std::string> names;
    for (const circuit::Register& reg : shape.registers)
        if (reg.size > 0) names.push_back(reg.name);
    // Of a job that another program sent nothing is known beforehand.
    if (shape.registers.empty()) names = pub.order;
    for (const std::string& name : names) {
        const JsonView field = pub.fields.at(name);
        const std::string type = type_of(field);
        if (type == "ndarray" || field.value().is_array())
            throw Error(
                ErrorKind::unsupported,
                fmt::format("{}: measurement levels other than \"classified\" are not read", field.path()));
        BitArray shots = type.empty() ? from_samples(field, shape.rows) : from_bit_array(field, shape.rows);
        result.data.push_back({name, std::move(shots)});
    }
    for (const std::string& name : pub.order)
        if (std::find(names.begin(), names.end(), name) == names.end())
            pub.fields.fail(fmt::format("a register \"{}\" that the circuit has not", name));
    if (!shape.registers.empty()) {
        for (const backend::RegisterShots& shots : result.data)
            for (const circuit::Register& reg : shape.registers)
                if (reg.name == shots.name && reg.size != shots.shots.bits())
                    pub.fields.at(shots.name)
                        .fail(fmt::format("{} bits, the circuit's register has {}", shots.shots.bits(),
                                          reg.size));
        result.registers = shape.registers;
    } else {
        std::uint32_t offset = 0;
        for (const backend::RegisterShots& shots : result.data) {
            result.registers.push_back({shots.name, offset, shots.shots.bits()});
            offset += shots.shots.bits();
        }
    }
    add_metadata(result.metadata, pub.metadata);
    return result;
}

/// The first number along the axes that follow those of the PUB: of extrapolated values, the first
/// extrapolator's at the first noise factor.
std::vector<double> leading(const NdArray& array, std::size_t count, const JsonView& where) {
    if (count == 0 || array.size() % count != 0 || array.size() == 0)
        where.fail(fmt::format("expected {} values, found {}", count, array.size()));
    const std::size_t stride = array.size() / count;
    std::vector<double> values(count);
    for (std::size_t k = 0; k < count; ++k) values[k] = array.number(k * stride);
    return values;
}

backend::EstimatorPubResult estimator_pub(const PubData& pub, const PubShape& shape) {
    backend::EstimatorPubResult result;
    result.rows = shape.rows;
    result.observables = shape.observables;
    const auto read = [&](const char* name, const char* extrapolated) {
        const bool is_direct = pub.fields.has(name);
        const JsonView field =
            pub.fields.at(is_direct || !pub.fields.has(extrapolated) ? name : extrapolated);
        const NdArray array = ndarray_from_json(field, kMostBytes);
        // Nothing is known of another program's job: all values are observables of one row.
        if (result.observables == 0) result.observables = is_direct ? array.size() : 1;
        const std::size_t count = result.rows * result.observables;
        if (is_direct && array.size() != count)
            field.fail(fmt::format("expected {} rows of {} observables, found {} values", result.rows,
                                   result.observables, array.size()));
        return leading(array, count, field);
    };
    result.values = read("evs", "evs_extrapolated");
    result.deviations = read("stds", "stds_extrapolated");
    for (const std::string& name : pub.order)
        if (name != "evs" && name != "stds")
            result.metadata[name] =
                to_python_text(type_of(pub.fields.at(name)) == "ndarray"
                                   ? json(ndarray_from_json(pub.fields.at(name), kMostBytes).numbers())
                                   : pub.fields.at(name).value());
    add_metadata(result.metadata, pub.metadata);
    return result;
}

template <typename PubResult, typename Read>
backend::PrimitiveResult<PubResult> read_all(const std::vector<PubData>& pubs, const JobShape& shape,
                                             const std::optional<JsonView>& metadata, Read read) {
    backend::PrimitiveResult<PubResult> result;
    for (std::size_t k = 0; k < pubs.size(); ++k)
        result.pubs.push_back(read(pubs[k], shape.pubs.empty() ? PubShape{} : shape.pubs[k]));
    add_metadata(result.metadata, metadata);
    return result;
}

JobResult decode(const JsonView& document, const JobShape& shape) {
    const bool is_typed = !type_of(document).empty();
    const JsonView body = is_typed ? typed_value(document, "PrimitiveResult") : document;
    std::vector<PubData> pubs;
    for (const JsonView& pub : body.at(is_typed ? "pub_results" : "results").elements())
        pubs.push_back(is_typed ? typed_pub(pub) : plain_pub(pub));
    if (!shape.pubs.empty() && pubs.size() != shape.pubs.size())
        body.fail(fmt::format("results of {} PUBs, asked for {}", pubs.size(), shape.pubs.size()));
    const auto metadata = body.has("metadata") ? std::optional(body.at("metadata")) : std::nullopt;
    if (shape.is_estimator)
        return read_all<backend::EstimatorPubResult>(pubs, shape, metadata, estimator_pub);
    return read_all<backend::SamplerPubResult>(pubs, shape, metadata, sampler_pub);
}

}  // namespace

JobResult decode_results(const std::string& raw, const JobShape& shape) {
    try {
        const json document = parse_python_json(raw, "the result");
        return decode(JsonView(document, "result"), shape);
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::invalid_input && error.kind() != ErrorKind::parse) throw;
        throw Error(ErrorKind::vendor, fmt::format("the vendor's result cannot be read: {}", error.what()),
                    "The bytes as they came are kept beside the journal.");
    }
}

}  // namespace qdcnn::vendors::ibm
