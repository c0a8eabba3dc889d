#pragma once

#include <memory>
#include <string>
#include <vector>

#include "model/definition_checks.h"
#include "qdcnn/model/models.h"

namespace qdcnn::model {

// The published network (models.md, section 0). Expectation values pass classically from stage to stage:
//   words        basis state |id>, ry_ring                              -> <Z_i>, n numbers a position
//   sentence     amplitude encoding of TF-IDF, [H on each,] ry_ring     -> <Z_i>, n numbers
//   conv 1, 2    for each channel i and each window of 3 positions: H, RY(x), ry_chain on 3 qubits -> <Z_0 +
//   Z_1 + Z_2> fusion       mean over positions + sentence, element by element fc           RY(x_i), ry_head
//   -> logits <Z_0> .. <Z_(C-1)>
// For other data than MC and RP: n = max(3, ceil(log2 |V|), C + 1).

inline constexpr std::uint32_t kKernelSize = 3;

/// The numbers that fix the network's structure.
struct StagedShape {
    std::uint32_t qubits = 0;
    std::uint32_t classes = 0;
    std::uint32_t sequence_length = 0;
    std::uint32_t embedding_layers = 1;
    /// H on every qubit of the embeddings first (RP).
    bool embedding_hadamard = false;
    std::uint32_t conv_layers = 1;
    std::uint32_t conv_depth = 1;

    /// Windows of convolution `layer` (from 0).
    std::uint32_t windows(std::uint32_t layer) const {
        return sequence_length - (kKernelSize - 1) * (layer + 1);
    }
    std::size_t embedding_parameters() const { return std::size_t{embedding_layers} * qubits; }
    std::size_t conv_parameters() const { return std::size_t{conv_depth} * kKernelSize; }
    std::size_t fc_parameters() const { return std::size_t{qubits} + 1; }
    /// word_embedding, sentence_embedding, conv1, .., fc.
    std::vector<TensorShape> tensors() const;
};

/// Throws Error(invalid_input) naming the hyper-parameter.
StagedShape staged_shape(const Definition& definition);

Definition define_staged(const text::Dataset& train, const std::string& preset, Random& random);
TrainingSettings staged_settings(const Definition& definition);
std::unique_ptr<Model> make_staged(Definition definition);

/// A circuit template; its parameters are data first, then the weights "<tensor>_<k>".
struct StageTemplate {
    std::string name;
    std::shared_ptr<const circuit::Circuit> circuit;
    std::vector<circuit::Observable> observables;
    std::size_t data = 0;
    std::size_t weights = 0;
};

struct StagedTemplates {
    StageTemplate word;
    StageTemplate sentence;
    std::vector<StageTemplate> conv;
    StageTemplate fc;

    explicit StagedTemplates(const StagedShape& shape);
};

/// A sentence as the circuits take it.
struct StagedInput {
    /// sequence_length ids.
    std::vector<text::WordId> words;
    /// The entries of `text::tfidf` that are not 0, by index; of a sentence few are, whatever the vocabulary.
    std::vector<std::pair<text::WordId, double>> amplitudes;
};

StagedInput staged_input(const Definition& definition, const StagedShape& shape, const text::Tokens& tokens);

/// A row of the word template: the angles that make the basis state |word>.
void fill_basis_angles(text::WordId word, std::span<double> angles);
/// A row of the sentence template, all 0 before.
void fill_amplitudes(const StagedInput& input, std::span<double> row);

std::unique_ptr<Inference> begin_staged(const Definition& definition, const StagedShape& shape,
                                        const StagedTemplates& templates,
                                        std::span<const text::Tokens> sentences,
                                        const InferenceOptions& options);

std::unique_ptr<LossFunction> staged_loss(const Definition& definition, const StagedShape& shape,
                                          const StagedTemplates& templates, backend::Backend& backend,
                                          std::span<const text::Tokens> sentences,
                                          std::span<const std::size_t> labels);

}  // namespace qdcnn::model
