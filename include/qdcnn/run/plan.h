#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "qdcnn/backend/pub.h"
#include "qdcnn/backend/result.h"
#include "qdcnn/vendors/service.h"

namespace qdcnn::run {

/// Rows of one PUB, with some of their shots.
struct Piece {
    std::size_t pub = 0;
    std::size_t first_row = 0;
    std::size_t rows = 0;
    std::uint64_t shots = 0;
    bool operator==(const Piece&) const = default;
};

/// What goes into one job.
using Part = std::vector<Piece>;

/// One PUB as the limits see it.
struct PubSize {
    std::size_t rows = 0;
    /// Of each row.
    std::uint64_t shots = 0;
};

/// The size of a job of these pieces on the wire, in bytes.
using BytesOf = std::function<std::uint64_t(const Part&)>;

/// Splits PUBs over as few jobs as filling them in order gives: one job where the limits allow. In the parts'
/// order the pieces of a PUB cover its rows in order, and of each row all shots. Limits of 0 bind nothing.
/// A part that comes out larger than limits.max_content_bytes is halved until it does not.
/// Throws Error(invalid_input): a PUB without rows or shots; one row with one shot that is too large in
/// bytes.
std::vector<Part> split(std::span<const PubSize> pubs, const vendors::JobLimits& limits,
                        const BytesOf& bytes_of = {});

std::vector<PubSize> sizes_of(std::span<const backend::SamplerPub> pubs, std::uint64_t shots);
std::vector<PubSize> sizes_of(std::span<const backend::EstimatorPub> pubs, std::uint64_t shots);

/// The PUBs of one job.
std::vector<backend::SamplerPub> pubs_of(const Part& part, std::span<const backend::SamplerPub> pubs);
std::vector<backend::EstimatorPub> pubs_of(const Part& part, std::span<const backend::EstimatorPub> pubs);

/// The results of the jobs, in the parts' order, put together as if one job had run all PUBs: shots of one
/// row follow each other; expectation values are means weighted by shots. `pubs`: how many there were.
/// Metadata is the first job's. Throws Error(vendor) when a result is not of its part's shape.
backend::SamplerResult join(std::span<const Part> parts, std::size_t pubs,
                            std::vector<backend::SamplerResult> results);
backend::EstimatorResult join(std::span<const Part> parts, std::size_t pubs,
                              std::vector<backend::EstimatorResult> results);

}  // namespace qdcnn::run
