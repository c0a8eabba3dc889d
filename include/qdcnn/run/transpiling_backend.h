#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "qdcnn/backend/backend.h"
#include "qdcnn/target/target.h"
#include "qdcnn/transpile/readout.h"

namespace qdcnn::run {

struct TranspileChoice {
    int level = 1;
    std::uint64_t seed = 0;
    /// Measurement-aware mode. A sampler's shots come back in the caller's registers. An estimator's
    /// observables become groups of products of Z on a circuit of their own each, whatever Paulis they have,
    /// and only what those products depend on is sent.
    transpile::ReadoutFolding readout_folding = transpile::ReadoutFolding::off;
};

/// Takes any circuit to a backend that has a target: lowers amplitude encodings, transpiles each template
/// once (parameters stay symbolic; a template whose amplitudes are parameters is transpiled row by row),
/// sends observables along with the layout. Results are in the caller's qubits and registers. The backend it
/// returns owns `device`; its target() is null, for it takes anything; only its sampler wants amplitudes that
/// are numbers and throws Error(unsupported) else. Throws Error(invalid_input) when `device` has no target.
std::unique_ptr<backend::Backend> make_transpiling_backend(std::unique_ptr<backend::Backend> device,
                                                           std::string name, TranspileChoice choice = {});

}  // namespace qdcnn::run
