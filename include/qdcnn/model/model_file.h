#pragma once

#include <optional>
#include <string>

#include "qdcnn/model/model.h"
#include "qdcnn/model/training.h"

namespace qdcnn::model {

/// A model file: one JSON object, UTF-8, written so that every number reads back exactly. By hand, `training`
/// and `preset` may be left out; other keys are refused by name.
///
///     {
///       "schema": "qdcnn.model/1",
///       "model": "staged",                        a row of the models table
///       "preset": "auto",
///       "classes": ["food", "it"],                the order of the logits
///       "vocabulary": ["<UNK>", "<PAD>", ..],     word id = place in the list
///       "idf": [1, 1, ..],                        one number an entry, those of <UNK> and <PAD> are 1
///       "hyperparameters": {"qubits": 5, ..},     numbers by name; the model says which (flags are 0 or 1)
///       "tensors": [{"name": "conv1", "shape": [1, 3], "values": [..row by row..]}, ..],
///       "training": {                             how it came to be; informs, decides nothing
///         "gradient", "backend", "shots", "data", "data_hash", "seed", "optimiser",
///         "learning_rate", "batch", "epochs", "schedule",
///         "restarts", "selected_restart", "selected_epoch", "selection", "train", "dev", "test",
///         "history": [{"epoch", "train", "dev", "test"}, ..]}       scores are {"accuracy", "loss", "n"} or
///         null
///     }
///
/// coherent: hyperparameters word_angles (E, numbers a word: 1 or 2), reads_all (1: <Z> of all 8 qubits, 0:
/// of qubit 5), deferred (1: the circuit without measurements on the way), and of training word_dropout (0 to
/// 1), angle_jitter (radians), word_penalty; for ablations word_qubits, pointwise, sentence, fusion,
/// entanglement, feed_forward, channel_kernels, left out where 1 (src/model/ansatz/coherent_parts.h); tensors
/// circuit [17, or the weights of what is there], readout [K, 8 or 1], bias [K] (K rows: one for two classes,
/// else one a class), with E = 1 word_scale [2] and word_shift [2], sentence_scale [2, E], sentence_shift
/// [2], words [vocabulary, E]. What they mean stands in src/model/coherent.h.
///
/// staged: hyperparameters qubits (n), sequence_length (L), embedding_layers (r), embedding_hadamard,
/// kernel_size (3), conv_layers (c), conv_depth (d); tensors word_embedding [r, n], sentence_embedding [r,
/// n], conv1 .. conv<c> [d, 3], fc [n + 1]; all are RY angles in radians. majority: no hyperparameters;
/// tensor logits [classes].
struct ModelFile {
    Definition definition;
    std::optional<TrainingRecord> training;
};

inline constexpr const char* kModelSchema = "qdcnn.model/1";

std::string model_to_json(const ModelFile& file);
/// Throws Error naming the path: parse (no JSON, cut short), invalid_input (a key missing, unknown or of
/// another type, a network that does not fit together), unsupported (another schema version).
ModelFile model_from_json(const std::string& text, const std::string& file_name);

/// Atomically. Throws Error(storage).
void write_model(const std::string& path, const ModelFile& file);
/// model_from_json of a file; throws also Error(not_found).
ModelFile read_model(const std::string& path);

}  // namespace qdcnn::model
