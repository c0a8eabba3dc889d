#include "qdcnn/model/training.h"

#include <fmt/format.h>

#include <cmath>
#include <numbers>
#include <numeric>

#include "model/checkpoint.h"
#include "model/cross_entropy.h"
#include "model/gradient_backend.h"
#include "model/spsa_loss.h"
#include "qdcnn/base/cpu_time.h"
#include "qdcnn/base/error.h"
#include "qdcnn/base/interrupt.h"
#include "qdcnn/base/suggest.h"
#include "qdcnn/model/evaluation.h"
#include "qdcnn/model/optimiser.h"

namespace qdcnn::model {
namespace {

// Often enough to lose little, seldom enough not to be felt: writing syncs the disk.
constexpr double kSecondsBetweenCheckpoints = 5.0;

// What is drawn from which stream of the seed.
constexpr std::uint64_t kInitStream = 0, kOrderStream = 1, kChanceStream = 2, kRestartStreams = 1000;
// Of a restart's chance, whose steps have the streams 0, 1, ..: scores after epoch k, and the choice among
// restarts.
constexpr std::uint64_t kScoreStreams = 1ULL << 40, kSelectionStream = 1ULL << 41;
// Of a step's chance, whose sentences have the streams 0, 1, ..: shots.
constexpr std::uint64_t kShotStream = 1ULL << 41;

/// The first restart draws from the seed itself.
Random random_of(std::uint64_t seed, std::size_t restart) {
    const Random random(seed);
    return restart == 0 ? random : random.stream(kRestartStreams + restart);
}

Definition define(const TrainingRequest& request, std::size_t restart) {
    Random init = random_of(request.seed, restart).stream(kInitStream);
    return find_model(request.model).define(request.train, request.preset, init);
}

/// Of step `step` of `steps`, counted from 0.
double learning_rate(const TrainingSettings& settings, std::size_t step, std::size_t steps) {
    if (settings.schedule == "constant") return settings.learning_rate;
    if (settings.schedule == "cosine") {
        const double share = static_cast<double>(step) / static_cast<double>(steps);
        return settings.learning_rate * 0.5 * (1.0 + std::cos(std::numbers::pi * share));
    }
    if (settings.schedule == "power")
        return settings.learning_rate *
               std::pow(1.0 + static_cast<double>(step) / (1.0 + 0.1 * static_cast<double>(steps)), -0.602);
    throw Error(ErrorKind::not_found, "there is no schedule \"" + settings.schedule + "\"",
                suggestion(settings.schedule, {"constant", "cosine", "power"}));
}

std::vector<text::Tokens> tokens_of(const text::Dataset& data) {
    std::vector<text::Tokens> tokens;
    for (const text::Example& example : data.examples) tokens.push_back(example.tokens);
    return tokens;
}

Score score_of(std::span<const double> logits, std::span<const std::size_t> labels, std::size_t classes) {
    Score score{0.0, mean_cross_entropy(logits, labels), labels.size()};
    for (std::size_t s = 0; s < labels.size(); ++s)
        score.accuracy += index_of_largest(logits.subspan(s * classes, classes)) == labels[s] ? 1.0 : 0.0;
    score.accuracy /= static_cast<double>(labels.size());
    return score;
}

/// One data set with its loss.
struct Part {
    Part(const Model& model, backend::Backend& backend, const text::Dataset& data)
        : labels(label_indices(data, model.classes())),
          loss(model.loss_function(backend, tokens_of(data), labels)),
          classes(model.classes().size()) {}

    Score score(std::span<const double> parameters) const {
        return score_of(loss->logits(parameters), labels, classes);
    }

    std::vector<std::size_t> labels;
    std::unique_ptr<LossFunction> loss;
    std::size_t classes;
};

/// By dev: higher accuracy, then lower loss, then earlier. Without dev the later one.
bool is_better(const EpochRecord& candidate, const EpochRecord& best) {
    if (!candidate.dev) return true;
    if (candidate.dev->accuracy != best.dev->accuracy) return candidate.dev->accuracy > best.dev->accuracy;
    return candidate.dev->loss < best.dev->loss;
}

class Trainer {
  public:
    Trainer(const TrainingRequest& request, const Model& model, const TrainingSettings& settings,
            backend::Backend& backend, const std::function<void(const TrainingProgress&)>& progress)
        : request_(request),
          settings_(settings),
          progress_(progress),
          own_(own_gradients(request, backend, seeds_)),
          train_(model, own_ ? *own_ : backend, request.train) {
        backend_name_ = backend.name();
        if (request.gradient == GradientMethod::spsa)
            train_.loss = make_spsa_loss(std::move(train_.loss), request.perturbation);
        if (request.dev) dev_.emplace(model, own_ ? *own_ : backend, *request.dev);
        if (request.test) test_.emplace(model, own_ ? *own_ : backend, *request.test);
        state_.run = fingerprint();
        start_restart(model.definition().parameters());
        if (request.resume && !request.checkpoint.empty()) take_up_checkpoint();
    }

    /// All epochs that are left. Returns how many.
    std::size_t run() {
        first_epoch_ = epochs_done();
        start_ = last_written_ = wall_seconds();
        while (state_.restart < settings_.restarts) {
            while (state_.epoch < settings_.epochs && !is_out_of_patience()) run_epoch();
            finish_restart();
            if (state_.restart < settings_.restarts)
                start_restart(define(request_, state_.restart).parameters());
        }
        return epochs_done() - first_epoch_;
    }

    /// After run.
    const FinishedRestart& kept() const { return *state_.kept; }

  private:
    /// Gradients from runs of circuits; null for the backend's own.
    static std::unique_ptr<backend::Backend> own_gradients(const TrainingRequest& request,
                                                           backend::Backend& backend, RunSeeds& seeds) {
        if (request.gradient == GradientMethod::adjoint) return nullptr;
        return make_gradient_backend(backend, {.shots = request.shots}, seeds,
                                     request.gradient == GradientMethod::parameter_shift);
    }

    bool is_out_of_patience() const {
        return request_.patience > 0 && state_.epoch >= state_.best_epoch + request_.patience;
    }

    std::map<std::string, std::string> fingerprint() const {
        auto hash_of = [](const std::optional<text::Dataset>& data) {
            return data ? data->hash() : std::string("none");
        };
        return {{"model", request_.model},
                {"preset", request_.preset},
                {"seed", fmt::format("{}", request_.seed)},
                {"epochs", fmt::format("{}", settings_.epochs)},
                {"batch", fmt::format("{}", settings_.batch)},
                {"optimiser",
                 fmt::format("{} {} {}", settings_.optimiser, settings_.learning_rate, settings_.schedule)},
                {"restarts", fmt::format("{}", settings_.restarts)},
                {"patience", fmt::format("{}", request_.patience)},
                {"gradient", fmt::format("{} {} {} on {}", name_of(request_.gradient),
                                         request_.shots.value_or(0), request_.perturbation, backend_name_)},
                {"train", request_.train.hash()},
                {"dev", hash_of(request_.dev)},
                {"test", hash_of(request_.test)}};
    }

    void take_up_checkpoint() {
        auto found = read_checkpoint(request_.checkpoint, state_.run, state_.parameters.size(), batches());
        if (!found) return;
        state_ = std::move(*found);
        chance_ = random_of(request_.seed, state_.restart).stream(kChanceStream);
        optimiser_->restore(state_.optimiser);
        random_.restore(state_.random);
    }

    void start_restart(std::vector<double> parameters) {
        const Random random = random_of(request_.seed, state_.restart);
        random_ = random.stream(kOrderStream);
        chance_ = random.stream(kChanceStream);
        state_.random = random_.save();
        optimiser_ = find_optimiser(settings_.optimiser).make(settings_.learning_rate, parameters.size());
        state_.parameters = std::move(parameters);
        state_.epoch = state_.batch = state_.best_epoch = 0;
        state_.best.clear();
        state_.history.clear();
    }

    void finish_restart() {
        // Of a single one there is nothing to choose.
        seeds_.start(chance_.stream(kSelectionStream));
        const double loss = settings_.restarts > 1 ? train_.loss->selection_loss(state_.best) : 0.0;
        if (!state_.kept || loss < state_.kept->selection_loss)
            state_.kept =
                FinishedRestart{state_.restart, loss, state_.best, state_.best_epoch, state_.history};
        ++state_.restart;
        state_.epoch = 0;
    }

    std::size_t epochs_done() const { return state_.restart * settings_.epochs + state_.epoch; }
    std::size_t batches() const { return (train_.labels.size() + settings_.batch - 1) / settings_.batch; }

    void run_epoch() {
        state_.random = random_.save();
        std::vector<std::size_t> order(train_.labels.size());
        std::iota(order.begin(), order.end(), std::size_t{0});
        random_.shuffle(order);
        std::vector<double> gradient(state_.parameters.size());
        while (state_.batch < batches()) {
            const std::size_t begin = state_.batch * settings_.batch;
            const auto batch =
                std::span(order).subspan(begin, std::min(settings_.batch, order.size() - begin));
            const std::size_t step = state_.epoch * batches() + state_.batch;
            const Random chance = chance_.stream(step);
            seeds_.start(chance.stream(kShotStream));
            train_.loss->draw(chance);
            train_.loss->gradient(state_.parameters, batch, gradient);
            optimiser_->set_learning_rate(learning_rate(settings_, step, settings_.epochs * batches()));
            optimiser_->step(state_.parameters, gradient);
            ++state_.batch;
            after_batch();
        }
        finish_epoch();
        report();
    }

    void after_batch() {
        if (interrupt().signal_number() != 0) {
            if (!request_.checkpoint.empty()) write();
            interrupt().throw_if_interrupted();
        }
        if (!request_.checkpoint.empty() && wall_seconds() - last_written_ > kSecondsBetweenCheckpoints) {
            write();
            last_written_ = wall_seconds();
        }
        if (state_.batch < batches()) report();
    }

    void finish_epoch() {
        seeds_.start(chance_.stream(kScoreStreams + state_.epoch));
        EpochRecord record;
        record.epoch = state_.epoch + 1;
        if (dev_) record.dev = dev_->score(state_.parameters);
        if (request_.scores_every_epoch || dev_ || record.epoch == settings_.epochs) {
            record.train = train_.score(state_.parameters);
            if (test_) record.test = test_->score(state_.parameters);
        }
        if (state_.best_epoch == 0 || is_better(record, state_.history[state_.best_epoch - 1])) {
            state_.best = state_.parameters;
            state_.best_epoch = record.epoch;
        }
        state_.history.push_back(record);
        ++state_.epoch;
        state_.batch = 0;
    }

    void write() {
        state_.optimiser = optimiser_->state();
        write_checkpoint(request_.checkpoint, state_);
    }

    void report() const {
        if (!progress_) return;
        const std::size_t epochs = settings_.restarts * settings_.epochs;
        const double done = static_cast<double>(epochs_done() - first_epoch_) +
                            static_cast<double>(state_.batch) / static_cast<double>(batches());
        const double left = static_cast<double>(epochs - first_epoch_) - done;
        progress_({.epoch = epochs_done(),
                   .epochs = epochs,
                   .batch = state_.batch,
                   .batches = batches(),
                   .last = state_.history.empty() ? nullptr : &state_.history.back(),
                   .seconds_left = done > 0.0 ? (wall_seconds() - start_) * left / done : 0.0});
    }

    const TrainingRequest& request_;
    TrainingSettings settings_;
    const std::function<void(const TrainingProgress&)>& progress_;
    RunSeeds seeds_;
    std::unique_ptr<backend::Backend> own_;
    std::string backend_name_;
    Part train_;
    std::optional<Part> dev_, test_;
    std::unique_ptr<Optimiser> optimiser_;
    /// Of the order of sentences; and of what the model leaves to chance, a stream a step.
    Random random_, chance_;
    Checkpoint state_;
    std::size_t first_epoch_ = 0;
    double start_ = 0.0, last_written_ = 0.0;
};

/// The preset's settings with what the request has instead.
TrainingSettings settings_of(const TrainingRequest& request, TrainingSettings settings) {
    if (settings.epochs == 0) return settings;
    const auto take = [](const auto& from, auto& into) {
        if (from) into = *from;
    };
    take(request.epochs, settings.epochs);
    take(request.batch, settings.batch);
    take(request.restarts, settings.restarts);
    take(request.optimiser, settings.optimiser);
    take(request.schedule, settings.schedule);
    take(request.learning_rate, settings.learning_rate);
    find_optimiser(settings.optimiser);
    learning_rate(settings, 0, 1);
    return settings;
}

/// The rule of predict: a text without a word is an error.
void require_words(const text::Dataset& data) {
    for (std::size_t s = 0; s < data.examples.size(); ++s)
        if (data.examples[s].tokens.empty())
            throw Error(ErrorKind::invalid_input,
                        fmt::format("sentence {} of {} has no word", s + 1, data.name), "Leave it out.");
}

void check(const TrainingRequest& request) {
    require_words(request.train);
    for (const auto* part : {&request.dev, &request.test})
        if (*part) require_words(**part);
    if (request.gradient == GradientMethod::adjoint && request.shots)
        throw Error(ErrorKind::invalid_input, "adjoint gradients are exact, they take no shots",
                    "Take the gradient parameter-shift or spsa.");
    if (request.patience > 0 && !request.dev)
        throw Error(ErrorKind::invalid_input, "patience needs dev sentences, on which epochs are compared",
                    "Give --dev or --dev-fraction.");
    if (!(request.perturbation > 0.0))
        throw Error(ErrorKind::invalid_input,
                    fmt::format("the perturbation is {}, expected more than 0", request.perturbation));
}

/// For a model that is final as it was made.
void score_untrained(const TrainingRequest& request, const Model& model, backend::Backend& backend,
                     TrainingRecord& record) {
    auto score = [&](const text::Dataset& data) {
        const Evaluation evaluation = evaluate(model, backend, data, {});
        return Score{evaluation.accuracy, evaluation.loss, evaluation.n};
    };
    record.train = score(request.train);
    if (request.dev) record.dev = score(*request.dev);
    if (request.test) record.test = score(*request.test);
}

}  // namespace

namespace {

struct GradientName {
    GradientMethod method;
    const char* name;
};
constexpr GradientName kGradients[] = {{GradientMethod::adjoint, "adjoint"},
                                       {GradientMethod::parameter_shift, "parameter-shift"},
                                       {GradientMethod::spsa, "spsa"}};

}  // namespace

GradientMethod gradient_method_of(const std::string& name) {
    std::vector<std::string> known;
    for (const GradientName& one : kGradients) {
        if (name == one.name) return one.method;
        known.emplace_back(one.name);
    }
    throw Error(ErrorKind::usage, "there is no gradient \"" + name + "\"", suggestion(name, known));
}

std::string name_of(GradientMethod method) { return kGradients[static_cast<std::size_t>(method)].name; }

TrainingResult train(const TrainingRequest& request, backend::Backend& backend,
                     const std::function<void(const TrainingProgress&)>& progress) {
    check(request);
    const ModelRow& row = find_model(request.model);
    const auto model = row.make(define(request, 0));
    TrainingResult result;
    result.circuit_parameters = model->circuit_parameters();
    TrainingRecord& record = result.record;
    record.data = request.train.name;
    record.data_hash = request.train.hash();
    record.seed = request.seed;
    record.gradient = request.gradient;
    record.backend = backend.name();
    record.shots = request.shots;
    record.settings = settings_of(request, row.settings(model->definition()));

    // Labels first: a slip in the dev or test file shows before any work is done.
    for (const auto* part : {&request.dev, &request.test})
        if (*part) text::require_labels(**part, model->classes());
    const double start = cpu_seconds();
    if (record.settings.epochs == 0) {
        score_untrained(request, *model, backend, record);
        result.cpu_seconds = cpu_seconds() - start;
    } else {
        Trainer trainer(request, *model, record.settings, backend, progress);
        const double compiled = cpu_seconds();
        const std::size_t epochs = trainer.run();
        const double end = cpu_seconds();
        result.cpu_seconds = end - start;
        result.epoch_cpu_seconds = epochs > 0 ? (end - compiled) / static_cast<double>(epochs) : 0.0;
        const FinishedRestart& kept = trainer.kept();
        model->set_parameters(kept.parameters);
        record.selected_restart = kept.restart;
        record.selected_epoch = kept.epoch;
        record.selection = request.dev ? "dev" : "last";
        record.history = kept.history;
        const EpochRecord& selected = kept.history[kept.epoch - 1];
        record.train = selected.train;
        record.dev = selected.dev;
        record.test = selected.test;
    }
    result.definition = model->definition();
    return result;
}

}  // namespace qdcnn::model
