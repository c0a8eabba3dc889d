#include <algorithm>
#include <numeric>

#include "model/coherent.h"

namespace qdcnn::model {

CoherentNumbers::CoherentNumbers(const CoherentShape& shape, std::span<const double> idf)
    : shape_(shape), idf_(idf.begin(), idf.end()) {
    std::size_t next = 0;
    for (const TensorShape& tensor : shape.tensors()) {
        if (tensor.name == "circuit") at_.circuit = next;
        if (tensor.name == "readout") at_.readout = next;
        if (tensor.name == "bias") at_.bias = next;
        if (tensor.name == "word_scale") at_.word_scale = next;
        if (tensor.name == "word_shift") at_.word_shift = next;
        if (tensor.name == "sentence_scale") at_.sentence_scale = next;
        if (tensor.name == "sentence_shift") at_.sentence_shift = next;
        if (tensor.name == "words") at_.words = next;
        next += tensor.size();
    }
}

CoherentNumbers::Input CoherentNumbers::input(const text::Vocabulary& vocabulary,
                                              const text::Tokens& tokens) {
    const std::size_t windows = std::max<std::size_t>(1, (tokens.size() + kWindow - 1) / kWindow);
    return {vocabulary.ids(tokens, windows * kWindow)};
}

std::span<const double> CoherentNumbers::circuit(std::span<const double> parameters) const {
    return parameters.subspan(at_.circuit, shape_.circuit_weights());
}

std::vector<double> CoherentNumbers::weights(const Input& input) const {
    std::vector<double> weights;
    for (const text::WordId word : input.words)
        weights.push_back(word == text::Vocabulary::kPadding ? 0.0 : idf_[word]);
    const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
    if (sum > 0.0)
        for (double& weight : weights) weight /= sum;
    return weights;
}

void CoherentNumbers::data_angles(std::span<const double> parameters, const Input& input,
                                  std::span<double> angles) const {
    const std::size_t each = shape_.word_angles;
    const double* e = parameters.data() + at_.words;
    const std::vector<double> g = weights(input);
    double sum[2] = {0.0, 0.0};
    for (std::size_t t = 0; t < input.words.size(); ++t)
        for (std::size_t k = 0; k < each; ++k) sum[k] += g[t] * e[input.words[t] * each + k];
    double sentence[2] = {0.0, 0.0};
    for (std::size_t j = 0; j < 2 && shape_.parts.sentence; ++j) {
        sentence[j] = parameters[at_.sentence_shift + j];
        for (std::size_t k = 0; k < each; ++k)
            sentence[j] += parameters[at_.sentence_scale + j * each + k] * sum[k];
    }
    for (std::size_t w = 0; w < input.windows(); ++w) {
        double* row = angles.data() + w * shape_.data_angles();
        if (!shape_.parts.words) std::fill_n(row, 2 * kWindow, 0.0);
        for (std::size_t t = 0; t < kWindow && shape_.parts.words; ++t) {
            const double* word = e + input.words[w * kWindow + t] * each;
            for (std::size_t c = 0; c < 2; ++c)
                row[2 * t + c] =
                    each == 2 ? word[c]
                              : parameters[at_.word_scale + c] * word[0] + parameters[at_.word_shift + c];
        }
        if (shape_.parts.sentence) std::copy(sentence, sentence + 2, row + 2 * kWindow);
    }
}

void CoherentNumbers::data_angles_backward(std::span<const double> parameters, const Input& input,
                                           std::span<const double> by_angles,
                                           std::span<double> gradient) const {
    const std::size_t each = shape_.word_angles;
    const double* e = parameters.data() + at_.words;
    double* by_e = gradient.data() + at_.words;
    double by_sentence[2] = {0.0, 0.0};
    for (std::size_t w = 0; w < input.windows(); ++w) {
        const double* row = by_angles.data() + w * shape_.data_angles();
        for (std::size_t t = 0; t < kWindow && shape_.parts.words; ++t) {
            const std::size_t word = input.words[w * kWindow + t] * each;
            for (std::size_t c = 0; c < 2; ++c) {
                const double by = row[2 * t + c];
                if (each == 2) {
                    by_e[word + c] += by;
                } else {
                    gradient[at_.word_scale + c] += by * e[word];
                    gradient[at_.word_shift + c] += by;
                    by_e[word] += by * parameters[at_.word_scale + c];
                }
            }
        }
        for (std::size_t j = 0; j < 2 && shape_.parts.sentence; ++j) by_sentence[j] += row[2 * kWindow + j];
    }
    if (!shape_.parts.sentence) return;
    const std::vector<double> g = weights(input);
    for (std::size_t j = 0; j < 2; ++j) {
        gradient[at_.sentence_shift + j] += by_sentence[j];
        for (std::size_t k = 0; k < each; ++k) {
            const std::size_t scale = at_.sentence_scale + j * each + k;
            for (std::size_t t = 0; t < input.words.size(); ++t) {
                const std::size_t word = input.words[t] * each + k;
                gradient[scale] += by_sentence[j] * g[t] * e[word];
                by_e[word] += by_sentence[j] * g[t] * parameters[scale];
            }
        }
    }
}

void CoherentNumbers::logits(std::span<const double> parameters, const Input& input,
                             std::span<const double> z, std::span<double> logits) const {
    const std::size_t observables = shape_.observables(), windows = input.windows();
    // Two classes: the first one's logit is 0.
    const std::size_t first = logits.size() - shape_.outputs();
    std::fill(logits.begin(), logits.end(), 0.0);
    for (std::size_t k = 0; k < shape_.outputs(); ++k) {
        const double* readout = parameters.data() + at_.readout + k * observables;
        double sum = 0.0;
        for (std::size_t w = 0; w < windows; ++w)
            for (std::size_t j = 0; j < observables; ++j) sum += readout[j] * z[w * observables + j];
        logits[first + k] = sum / static_cast<double>(windows) + parameters[at_.bias + k];
    }
}

void CoherentNumbers::logits_backward(std::span<const double> parameters, const Input& input,
                                      std::span<const double> z, std::span<const double> by_logits,
                                      std::span<double> by_z, std::span<double> gradient) const {
    const std::size_t observables = shape_.observables(), windows = input.windows();
    const std::size_t first = by_logits.size() - shape_.outputs();
    std::fill(by_z.begin(), by_z.end(), 0.0);
    for (std::size_t k = 0; k < shape_.outputs(); ++k) {
        const double by = by_logits[first + k], by_window = by / static_cast<double>(windows);
        const std::size_t row = at_.readout + k * observables;
        gradient[at_.bias + k] += by;
        for (std::size_t w = 0; w < windows; ++w)
            for (std::size_t j = 0; j < observables; ++j) {
                by_z[w * observables + j] += by_window * parameters[row + j];
                gradient[row + j] += by_window * z[w * observables + j];
            }
    }
}

double CoherentNumbers::penalty(std::span<const double> parameters, std::span<double> gradient) const {
    double sum = 0.0;
    for (std::size_t k = at_.words; k < parameters.size(); ++k) {
        sum += parameters[k] * parameters[k];
        gradient[k] += 2.0 * shape_.word_penalty * parameters[k];
    }
    return shape_.word_penalty * sum;
}

}  // namespace qdcnn::model
