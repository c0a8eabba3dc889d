#include "qdcnn/run/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "qdcnn/base/error.h"

namespace qdcnn::run {
namespace {

using backend::EstimatorPubResult;
using backend::SamplerPubResult;

constexpr std::uint64_t kUnlimited = std::numeric_limits<std::uint64_t>::max();

std::uint64_t bound(std::uint64_t limit) { return limit == 0 ? kUnlimited : limit; }

/// Fills parts in order.
class Filling {
  public:
    explicit Filling(const vendors::JobLimits& limits)
        : max_pubs_(bound(limits.max_pubs)), max_executions_(bound(limits.max_executions)) {}

    void add(std::size_t pub, std::size_t first_row, std::size_t rows, std::uint64_t shots) {
        while (rows > 0) {
            if (parts_.empty() || parts_.back().size() >= max_pubs_ || max_executions_ - used_ < shots) {
                parts_.emplace_back();
                used_ = 0;
            }
            const auto taken =
                static_cast<std::size_t>(std::min<std::uint64_t>(rows, (max_executions_ - used_) / shots));
            parts_.back().push_back({pub, first_row, taken, shots});
            used_ += taken * shots;
            first_row += taken;
            rows -= taken;
        }
    }

    std::vector<Part> take() { return std::move(parts_); }

  private:
    std::uint64_t max_pubs_;
    std::uint64_t max_executions_;
    std::uint64_t used_ = 0;
    std::vector<Part> parts_;
};

/// Two parts of about half the pieces, or of half of the one piece.
std::pair<Part, Part> halves(const Part& part) {
    if (part.size() > 1) {
        const auto middle = part.begin() + static_cast<std::ptrdiff_t>(part.size() / 2);
        return {Part(part.begin(), middle), Part(middle, part.end())};
    }
    Piece first = part.front(), second = part.front();
    first.rows = part.front().rows / 2;
    second.first_row += first.rows;
    second.rows -= first.rows;
    return {Part{first}, Part{second}};
}

void add_within_bytes(Part part, std::uint64_t max_bytes, const BytesOf& bytes_of, std::vector<Part>& out) {
    const std::uint64_t bytes = bytes_of(part);
    if (bytes <= max_bytes) {
        out.push_back(std::move(part));
        return;
    }
    if (part.size() == 1 && part.front().rows == 1)
        throw Error(ErrorKind::invalid_input,
                    fmt::format("one row of PUB {} makes a request of {} bytes; the vendor takes {}",
                                part.front().pub, bytes, max_bytes),
                    "Make the circuit smaller.");
    auto [first, second] = halves(part);
    add_within_bytes(std::move(first), max_bytes, bytes_of, out);
    add_within_bytes(std::move(second), max_bytes, bytes_of, out);
}

template <typename Pub>
std::vector<PubSize> sizes(std::span<const Pub> pubs, std::uint64_t shots) {
    std::vector<PubSize> out;
    for (const Pub& pub : pubs) out.push_back({pub.parameters.rows(), pub.shots.value_or(shots)});
    return out;
}

template <typename Pub>
std::vector<Pub> pieces_of(const Part& part, std::span<const Pub> pubs) {
    std::vector<Pub> out;
    for (const Piece& piece : part) {
        Pub pub = pubs[piece.pub];
        const std::size_t columns = pub.parameters.columns();
        backend::ParameterMatrix rows(piece.rows, columns);
        for (std::size_t row = 0; row < piece.rows; ++row) {
            const auto from = pub.parameters.row(piece.first_row + row);
            std::copy(from.begin(), from.end(), rows.row(row).begin());
        }
        pub.parameters = std::move(rows);
        pub.shots = piece.shots;
        out.push_back(std::move(pub));
    }
    return out;
}

[[noreturn]] void fail_shape(std::size_t part, const std::string& what) {
    throw Error(ErrorKind::vendor,
                fmt::format("the result of part {} does not fit what was sent: {}", part + 1, what),
                "The raw result is kept; please report this.");
}

/// Calls visit(piece, result) for every piece in order.
template <typename Result, typename Visit>
void for_each_piece(std::span<const Part> parts, std::vector<Result>& results, const Visit& visit) {
    if (results.size() != parts.size())
        fail_shape(results.size(), fmt::format("{} results of {} jobs", results.size(), parts.size()));
    for (std::size_t p = 0; p < parts.size(); ++p) {
        if (results[p].size() != parts[p].size())
            fail_shape(p, fmt::format("{} PUB results for {} PUBs", results[p].size(), parts[p].size()));
        for (std::size_t i = 0; i < parts[p].size(); ++i) visit(p, parts[p][i], results[p].pubs[i]);
    }
}

/// Rows and shots over all pieces of each PUB.
std::vector<PubSize> totals(std::span<const Part> parts, std::size_t pubs) {
    std::vector<PubSize> out(pubs);
    // Shots of a PUB: those of its first row, which its pieces cover as they cover the others.
    for (const Part& part : parts)
        for (const Piece& piece : part) {
            out[piece.pub].rows = std::max(out[piece.pub].rows, piece.first_row + piece.rows);
            if (piece.first_row == 0) out[piece.pub].shots += piece.shots;
        }
    return out;
}

}  // namespace

std::vector<Part> split(std::span<const PubSize> pubs, const vendors::JobLimits& limits,
                        const BytesOf& bytes_of) {
    const std::uint64_t most_shots = std::min(bound(limits.max_shots), bound(limits.max_executions));
    Filling filling(limits);
    for (std::size_t p = 0; p < pubs.size(); ++p) {
        if (pubs[p].rows == 0 || pubs[p].shots == 0)
            throw Error(ErrorKind::invalid_input,
                        fmt::format("PUB {} has {} rows of {} shots; expected at least one", p, pubs[p].rows,
                                    pubs[p].shots));
        for (std::uint64_t left = pubs[p].shots; left > 0;) {
            const std::uint64_t shots = std::min(left, most_shots);
            filling.add(p, 0, pubs[p].rows, shots);
            left -= shots;
        }
    }
    std::vector<Part> parts = filling.take();
    if (limits.max_content_bytes == 0 || !bytes_of) return parts;
    std::vector<Part> out;
    for (Part& part : parts) add_within_bytes(std::move(part), limits.max_content_bytes, bytes_of, out);
    return out;
}

std::vector<PubSize> sizes_of(std::span<const backend::SamplerPub> pubs, std::uint64_t shots) {
    return sizes(pubs, shots);
}

std::vector<PubSize> sizes_of(std::span<const backend::EstimatorPub> pubs, std::uint64_t shots) {
    return sizes(pubs, shots);
}

std::vector<backend::SamplerPub> pubs_of(const Part& part, std::span<const backend::SamplerPub> pubs) {
    return pieces_of(part, pubs);
}

std::vector<backend::EstimatorPub> pubs_of(const Part& part, std::span<const backend::EstimatorPub> pubs) {
    return pieces_of(part, pubs);
}

backend::SamplerResult join(std::span<const Part> parts, std::size_t pubs,
                            std::vector<backend::SamplerResult> results) {
    backend::SamplerResult whole;
    if (!results.empty()) whole.metadata = results.front().metadata;
    whole.pubs.resize(pubs);
    const std::vector<PubSize> sizes = totals(parts, pubs);
    // Shots that each row of each PUB has so far.
    std::vector<std::vector<std::uint64_t>> filled(pubs);
    for (std::size_t p = 0; p < pubs; ++p) filled[p].assign(sizes[p].rows, 0);
    for_each_piece(parts, results, [&](std::size_t part, const Piece& piece, const SamplerPubResult& from) {
        SamplerPubResult& into = whole.pubs[piece.pub];
        if (into.data.empty()) {
            into.registers = from.registers;
            for (const auto& one : from.data)
                into.data.push_back({one.name, backend::BitArray(sizes[piece.pub].rows,
                                                                 sizes[piece.pub].shots, one.shots.bits())});
        }
        if (from.data.size() != into.data.size())
            fail_shape(part, fmt::format("{} registers, {} before", from.data.size(), into.data.size()));
        for (std::size_t r = 0; r < from.data.size(); ++r) {
            const backend::BitArray& bits = from.data[r].shots;
            if (bits.rows() != piece.rows || bits.shots() != piece.shots ||
                bits.bits() != into.data[r].shots.bits())
                fail_shape(part,
                           fmt::format("register {} has {} rows of {} shots of {} bits, expected {}, {}, {}",
                                       from.data[r].name, bits.rows(), bits.shots(), bits.bits(), piece.rows,
                                       piece.shots, into.data[r].shots.bits()));
            for (std::size_t row = 0; row < piece.rows; ++row)
                for (std::uint64_t shot = 0; shot < piece.shots; ++shot)
                    for (std::uint32_t bit = 0; bit < bits.bits(); ++bit)
                        if (bits.get(row, shot, bit))
                            into.data[r].shots.set(piece.first_row + row,
                                                   filled[piece.pub][piece.first_row + row] + shot, bit,
                                                   true);
        }
        for (std::size_t row = 0; row < piece.rows; ++row)
            filled[piece.pub][piece.first_row + row] += piece.shots;
    });
    return whole;
}

backend::EstimatorResult join(std::span<const Part> parts, std::size_t pubs,
                              std::vector<backend::EstimatorResult> results) {
    backend::EstimatorResult whole;
    if (!results.empty()) whole.metadata = results.front().metadata;
    whole.pubs.resize(pubs);
    const std::vector<PubSize> sizes = totals(parts, pubs);
    for_each_piece(parts, results, [&](std::size_t part, const Piece& piece, const EstimatorPubResult& from) {
        EstimatorPubResult& into = whole.pubs[piece.pub];
        if (into.values.empty()) {
            into.rows = sizes[piece.pub].rows;
            into.observables = from.observables;
            into.values.assign(into.rows * into.observables, 0.0);
            into.deviations.assign(into.values.size(), 0.0);
        }
        if (from.rows != piece.rows || from.observables != into.observables)
            fail_shape(part, fmt::format("{} rows of {} observables, expected {} of {}", from.rows,
                                         from.observables, piece.rows, into.observables));
        const double weight = static_cast<double>(piece.shots) / static_cast<double>(sizes[piece.pub].shots);
        for (std::size_t row = 0; row < piece.rows; ++row)
            for (std::size_t o = 0; o < into.observables; ++o) {
                const std::size_t index = (piece.first_row + row) * into.observables + o;
                into.values[index] += weight * from.value(row, o);
                // Variances of independent shots add up.
                into.deviations[index] = std::hypot(into.deviations[index], weight * from.deviation(row, o));
            }
    });
    return whole;
}

}  // namespace qdcnn::run
