#include "qdcnn/model/evaluation.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "model/cross_entropy.h"
#include "qdcnn/base/error.h"
#include "qdcnn/base/interrupt.h"
#include "qdcnn/base/random.h"
#include "qdcnn/text/tokens.h"

namespace qdcnn::model {
namespace {

std::vector<std::string> unknown_words(const text::Vocabulary& vocabulary, const text::Tokens& tokens) {
    std::vector<std::string> unknown;
    for (const std::string& token : tokens)
        if (!vocabulary.knows(token) && std::find(unknown.begin(), unknown.end(), token) == unknown.end())
            unknown.push_back(token);
    return unknown;
}

std::vector<double> run_rounds(const Model& model, backend::Backend& backend,
                               std::span<const text::Tokens> sentences, const backend::RunOptions& options,
                               RunCounts& counts) {
    const auto inference = model.begin(sentences, {.may_be_dynamic = backend.limits().is_dynamic});
    while (!inference->is_done()) {
        interrupt().throw_if_interrupted();
        std::vector<backend::EstimatorPub> pubs;
        for (const Stage& stage : inference->round()) {
            pubs.push_back(stage.pub);
            counts.circuits += stage.pub.parameters.rows();
            counts.shots += stage.pub.parameters.rows() * options.shots.value_or(0);
        }
        backend::EstimatorResult result =
            backend.run(std::move(pubs), options_of_round(options, counts.rounds++))->result();
        std::vector<std::vector<double>> values;
        for (backend::EstimatorPubResult& pub : result.pubs) values.push_back(std::move(pub.values));
        inference->accept(values);
    }
    return inference->logits();
}

/// Of a model with one class: its logit.
double margin_of(std::span<const double> logits, std::size_t label) {
    double best_other = -std::numeric_limits<double>::infinity();
    for (std::size_t k = 0; k < logits.size(); ++k)
        if (k != label) best_other = std::max(best_other, logits[k]);
    return logits.size() > 1 ? logits[label] - best_other : logits[label];
}

}  // namespace

backend::RunOptions options_of_round(const backend::RunOptions& options, std::size_t round) {
    return {options.shots, Random(options.seed).stream(round).next()};
}

Interval wilson_interval(double successes, std::size_t n) {
    constexpr double z = 1.959963984540054;
    const auto count = static_cast<double>(n);
    const double share = successes / count;
    const double scale = 1.0 / (1.0 + z * z / count);
    const double centre = scale * (share + z * z / (2.0 * count));
    const double half = scale * z * std::sqrt(share * (1.0 - share) / count + z * z / (4.0 * count * count));
    return {successes <= 0 ? 0.0 : std::max(0.0, centre - half),
            successes >= count ? 1.0 : std::min(1.0, centre + half)};
}

std::vector<Prediction> predict(const Model& model, backend::Backend& backend,
                                std::span<const std::string> sentences, const backend::RunOptions& options,
                                RunCounts* counts) {
    std::vector<text::Tokens> tokens;
    for (std::size_t s = 0; s < sentences.size(); ++s) {
        if (!text::is_plain_utf8(sentences[s]))
            throw Error(ErrorKind::invalid_input, fmt::format("sentence {} is not UTF-8 text", s + 1));
        tokens.push_back(text::tokenise(sentences[s]));
        if (tokens.back().empty())
            throw Error(ErrorKind::invalid_input,
                        fmt::format("sentence {}, \"{}\", has no word", s + 1, sentences[s]),
                        "Give at least one word.");
    }
    RunCounts own;
    const std::vector<double> logits = run_rounds(model, backend, tokens, options, counts ? *counts : own);
    const std::size_t classes = model.classes().size();
    std::vector<Prediction> predictions;
    for (std::size_t s = 0; s < sentences.size(); ++s) {
        const auto row = std::span(logits).subspan(s * classes, classes);
        Prediction prediction;
        prediction.text = sentences[s];
        prediction.predicted_class = index_of_largest(row);
        prediction.predicted = model.classes()[prediction.predicted_class];
        prediction.logits.assign(row.begin(), row.end());
        prediction.probabilities = softmax(row);
        prediction.unknown_words = unknown_words(model.vocabulary(), tokens[s]);
        predictions.push_back(std::move(prediction));
    }
    return predictions;
}

Evaluation evaluate(const Model& model, backend::Backend& backend, const text::Dataset& data,
                    const backend::RunOptions& options) {
    const std::vector<std::size_t> labels = label_indices(data, model.classes());
    if (labels.empty()) throw Error(ErrorKind::invalid_input, "there is no sentence in " + data.name);
    std::vector<std::string> sentences;
    for (const text::Example& example : data.examples) sentences.push_back(example.text);
    Evaluation result;
    result.predictions = predict(model, backend, sentences, options, &result.counts);
    result.n = labels.size();
    const std::size_t classes = model.classes().size();
    result.confusion.assign(classes, std::vector<std::size_t>(classes, 0));
    std::size_t right = 0, most = 0;
    for (std::size_t s = 0; s < labels.size(); ++s) {
        Prediction& prediction = result.predictions[s];
        prediction.label = data.examples[s].label;
        ++result.confusion[labels[s]][prediction.predicted_class];
        right += labels[s] == prediction.predicted_class;
        result.loss += cross_entropy(prediction.logits, labels[s]);
        result.margin += margin_of(prediction.logits, labels[s]);
    }
    for (const auto& row : result.confusion)
        most = std::max(most, std::accumulate(row.begin(), row.end(), std::size_t{0}));
    const auto n = static_cast<double>(result.n);
    result.accuracy = static_cast<double>(right) / n;
    result.interval = wilson_interval(static_cast<double>(right), result.n);
    result.loss /= n;
    result.margin /= n;
    result.majority = static_cast<double>(most) / n;
    return result;
}

std::vector<std::size_t> label_indices(const text::Dataset& data, const std::vector<std::string>& classes) {
    text::require_labels(data, classes);
    std::vector<std::size_t> indices;
    for (const text::Example& example : data.examples)
        indices.push_back(static_cast<std::size_t>(std::find(classes.begin(), classes.end(), example.label) -
                                                   classes.begin()));
    return indices;
}

}  // namespace qdcnn::model
