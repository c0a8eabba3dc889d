#pragma once

#include <optional>
#include <string>

#include "qdcnn/qasm/printer.h"

namespace qdcnn::cli {

/// What `emit --model` is asked for.
struct EmitRequest {
    std::string model;
    std::string sentence;
    /// A device name or file; nothing: logical circuits.
    std::optional<std::string> target;
    qasm::Dialect dialect = qasm::Dialect::qiskit;
    /// One unbound circuit a stage instead of one bound circuit a word or window.
    bool as_templates = false;
    /// Made when it is not there.
    std::string folder;
};

/// Writes the sentence's circuits, measured, as r<round>-<stage>-<index>.qasm and manifest.json. Rounds and
/// indices count from 0. Every qubit is measured: bit i of the register "meas" belongs to virtual qubit i, to
/// which the observables of the manifest refer. Later rounds take their angles from exact simulation of the
/// earlier ones. Templates keep their weights, word bits and features as `input float[64]`; the amplitudes of
/// the sentence are numbers in them, for the gates of an amplitude encoding depend on them. Returns the
/// number of circuits.
std::size_t emit_model(const EmitRequest& request);

}  // namespace qdcnn::cli
