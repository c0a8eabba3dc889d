#pragma once

#include <string>
#include <vector>

#include "qdcnn/backend/result.h"
#include "qdcnn/vendors/service.h"

namespace qdcnn::vendors::ibm {

/// Of one PUB, what the reader of its result must know beforehand.
struct PubShape {
    /// A sampler's, in the order of declaration.
    std::vector<circuit::Register> registers{};
    std::size_t rows = 1;
    /// An estimator's.
    std::size_t observables = 0;
};

struct JobShape {
    bool is_estimator = false;
    std::vector<PubShape> pubs;
};

/// From the body of POST /jobs. Throws Error(invalid_input) naming the path.
JobShape job_shape(const std::string& content);

/// Reads a PrimitiveResult, typed or plain. Registers come in the order of declaration; metadata holds the
/// rest as JSON text by key. With zero-noise extrapolation `evs` are the first extrapolator's values at the
/// first noise factor, where the service gives none of its own; all of it is in the PUB's metadata. Throws
/// Error(vendor) naming the path, where the result is not what was asked for.
JobResult decode_results(const std::string& raw, const JobShape& shape);

/// How the axes of a result stand: pub_shape of the rows (product: rows), for example {} or {rows}.
using PubAxes = std::vector<std::size_t>;

/// The text of GET /jobs/{id}/results as the service writes it. axes: one a PUB; is_typed: what
/// support_qiskit asks for. An estimator's axes are those of rows and observables together.
std::string encode_results(const backend::SamplerResult& result, const std::vector<PubAxes>& axes,
                           bool is_typed);
std::string encode_results(const backend::EstimatorResult& result, const std::vector<PubAxes>& axes,
                           bool is_typed);

}  // namespace qdcnn::vendors::ibm
