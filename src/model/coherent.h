#pragma once

#include <memory>
#include <string>
#include <vector>

#include "model/ansatz/coherent_parts.h"
#include "model/definition_checks.h"
#include "qdcnn/model/models.h"

namespace qdcnn::model {

// One circuit a window of four words, all in one Hilbert space (coherent-model.md, section 2; the gates are
// in ansatz/coherent.cpp). With e[w] the trained numbers of word w:
//   words        position t, channel c:  RY(A[c] e[w_t] + B[c]); with two numbers a word RY(e[w_t][c])
//   sentence     qubit j:                RY(v[j] + sum_k u[j][k] sum_t g_t e[w_t][k]), g_t = idf(w_t) / sum
//   of
//                idf over all words of the text, padding excluded
//   logits       readout[k] . <Z> + bias[k], <Z> of every qubit, mean over the windows; two classes have one
//   row
//                and the logits [0, that].
// Longer texts are cut into windows of four (the last one padded) that share the sentence qubits' angles.

inline constexpr std::size_t kWindow = 4;

/// The numbers that fix the network's structure and its training.
struct CoherentShape {
    std::size_t vocabulary = 0;
    std::size_t classes = 0;
    /// Trained numbers a word: 1 or 2.
    std::size_t word_angles = 1;
    /// Reads <Z> of all 8 qubits; otherwise of the last one pooled into, qubit 5, alone.
    bool reads_all = true;
    /// Always the form without measurements on the way.
    bool is_deferred = false;
    /// Chance that a training presentation takes a word for <UNK>.
    double word_dropout = 0.0;
    /// Standard deviation of what a training presentation adds to each data angle.
    double angle_jitter = 0.0;
    /// Times the sum of squares of e, added to the training loss.
    double word_penalty = 0.0;
    /// All of the model, or an ablation.
    CoherentParts parts = {};

    std::size_t data_angles() const { return parts.data_angles(); }
    std::size_t circuit_weights() const { return parts.weights().size(); }
    std::size_t observables() const { return reads_all ? 8 : 1; }
    /// Rows of the read-out.
    std::size_t outputs() const { return classes == 2 ? 1 : classes; }
    /// circuit, readout, bias, word_scale (A) and word_shift (B) with one number a word, sentence_scale (u),
    /// sentence_shift (v), words (e). Without the sentence's qubits u and v are not there, without the words'
    /// A and B.
    std::vector<TensorShape> tensors() const;
};

/// Throws Error(invalid_input) naming the hyper-parameter.
CoherentShape coherent_shape(const Definition& definition);

/// auto, mc and rp are the same; two_angles: two numbers a word; deferred; one_qubit: reads one qubit; plain:
/// no word dropout, no jitter; no_..., sentence_only, shared_kernels: ablations; scope...: the words' qubits
/// alone, without dropout, for sentences whose every word counts (coherent-model.md, section 9).
std::span<const std::string_view> coherent_presets();

Definition define_coherent(const text::Dataset& train, const std::string& preset, Random& random);
TrainingSettings coherent_settings(const Definition& definition);
std::unique_ptr<Model> make_coherent(Definition definition);

/// The template's circuit has the parameters data_0, data_1, .. and circuit_0, circuit_1, ...
struct CoherentTemplate {
    std::shared_ptr<const circuit::Circuit> circuit;
    std::vector<circuit::Observable> observables;
};

CoherentTemplate coherent_template(const CoherentShape& shape, bool is_deferred);

/// The classical part of the network: from words to data angles, from <Z> to logits, and back.
class CoherentNumbers {
  public:
    /// A sentence cut into windows.
    struct Input {
        /// A multiple of kWindow, padded at the end.
        std::vector<text::WordId> words;
        std::size_t windows() const { return words.size() / kWindow; }
    };

    /// idf: one for each vocabulary entry. Copies it.
    CoherentNumbers(const CoherentShape& shape, std::span<const double> idf);

    const CoherentShape& shape() const { return shape_; }
    static Input input(const text::Vocabulary& vocabulary, const text::Tokens& tokens);

    std::span<const double> circuit(std::span<const double> parameters) const;
    /// angles: windows x data_angles.
    void data_angles(std::span<const double> parameters, const Input& input, std::span<double> angles) const;
    /// z: windows x observables. logits: one a class.
    void logits(std::span<const double> parameters, const Input& input, std::span<const double> z,
                std::span<double> logits) const;

    /// From the derivative by the logits to that by z (overwritten); adds that by readout and bias to
    /// gradient.
    void logits_backward(std::span<const double> parameters, const Input& input, std::span<const double> z,
                         std::span<const double> by_logits, std::span<double> by_z,
                         std::span<double> gradient) const;
    /// From the derivative by the data angles; adds that by words, their and the sentence's scales and
    /// shifts.
    void data_angles_backward(std::span<const double> parameters, const Input& input,
                              std::span<const double> by_angles, std::span<double> gradient) const;
    /// Returns word_penalty * sum of squares of e; adds its derivative.
    double penalty(std::span<const double> parameters, std::span<double> gradient) const;

  private:
    /// Where each tensor starts among all parameters.
    struct Offsets {
        std::size_t circuit, readout, bias, word_scale, word_shift, sentence_scale, sentence_shift, words;
    };

    /// g_t: padding has 0.
    std::vector<double> weights(const Input& input) const;

    CoherentShape shape_;
    std::vector<double> idf_;
    Offsets at_{};
};

std::unique_ptr<Inference> begin_coherent(const Definition& definition, const CoherentNumbers& numbers,
                                          const CoherentTemplate& from,
                                          std::span<const text::Tokens> sentences);

std::unique_ptr<LossFunction> coherent_loss(const Definition& definition, const CoherentNumbers& numbers,
                                            const CoherentTemplate& from, backend::Backend& backend,
                                            std::span<const text::Tokens> sentences,
                                            std::span<const std::size_t> labels);

}  // namespace qdcnn::model
