#include "run/study/cells.h"

#include <fmt/format.h>

#include "qdcnn/base/cpu_time.h"
#include "qdcnn/model/models.h"
#include "qdcnn/model/training.h"
#include "qdcnn/run/open_backend.h"
#include "qdcnn/text/builtin.h"

namespace qdcnn::run {
namespace {

// What is drawn from which stream of a cell's seed, beside what training draws.
constexpr std::uint64_t kFoldStream = 10, kInnerStream = 20;
constexpr std::size_t kInnerFolds = 3;

text::Dataset all_of(const StudyTask& task) {
    text::Dataset all = task.train;
    all.name = task.name;
    for (const auto* part : {&task.dev, &task.test})
        if (*part)
            all.examples.insert(all.examples.end(), (*part)->examples.begin(), (*part)->examples.end());
    return all;
}

/// The examples whose fold is `fold` (kept), or all others.
text::Dataset fold_of(const text::Dataset& all, const std::vector<std::size_t>& folds, std::size_t fold,
                      bool kept) {
    text::Dataset part{all.name, {}};
    for (std::size_t i = 0; i < folds.size(); ++i)
        if ((folds[i] == fold) == kept) part.examples.push_back(all.examples[i]);
    return part;
}

/// The task as the seed sees it.
StudyTask drawn(const StudyTask& task, std::uint64_t seed) {
    if (task.generated.empty()) return task;
    StudyTask own = task;
    own.train = text::builtin_dataset(task.generated + ":train", seed);
    own.test = text::builtin_dataset(task.generated + ":test", seed);
    return own;
}

class Worker {
  public:
    Worker(const StudyRequest& request, const StudyCell& cell)
        : request_(request), cell_(cell), backend_(open_backend("local")) {}

    CellResult run() {
        switch (cell_.part) {
            case StudyPart::official:
                official();
                break;
            case StudyPart::cv:
                cross_validate();
                break;
            case StudyPart::condition:
                predict_under_condition();
                break;
        }
        if (trainings_ > 0) result_.training_cpu_seconds /= static_cast<double>(trainings_);
        return std::move(result_);
    }

  private:
    model::TrainingRequest request_of(const std::string& preset, text::Dataset train) const {
        model::TrainingRequest request;
        request.model = cell_.row->model;
        request.preset = preset;
        request.seed = cell_.seed;
        request.epochs = request_.epochs;
        request.train = std::move(train);
        return request;
    }

    void official() {
        const StudyTask task = drawn(*cell_.task, cell_.seed);
        model::TrainingRequest request = request_of(choose(task.train), task.train);
        request.dev = task.dev;
        request.test = task.test;
        const model::TrainingResult trained = train(request);
        const auto model = model::make_model(trained.definition);
        take(model::evaluate(*model, *backend_, *task.test, {}));
        result_.weights = trained.definition.parameters();
        const model::TrainingRecord& record = trained.record;
        result_.train = record.train.accuracy;
        if (record.dev) result_.dev = record.dev->accuracy;
        for (const model::EpochRecord& epoch : record.history)
            result_.published_rule = std::max(result_.published_rule.value_or(0.0), epoch.test->accuracy);
    }

    /// With the weights of the official cell: a definition is the same for the same seed.
    void predict_under_condition() {
        StudyCell official = cell_;
        official.part = StudyPart::official;
        official.condition = nullptr;
        auto trained = read_cell(request_, official);
        if (!trained) {
            trained = run_cell(request_, official);
            write_cell(request_, official, *trained);
        }
        const StudyTask task = drawn(*cell_.task, cell_.seed);
        Random random(cell_.seed);
        model::Definition definition =
            model::find_model(cell_.row->model).define(task.train, trained->presets.front(), random);
        definition.set_parameters(trained->weights);
        const StudyCondition& condition = *cell_.condition;
        const auto backend =
            condition.device.empty()
                ? open_backend("local")
                : open_backend("local:" + condition.device,
                               {.noise_scale = condition.scale, .transpile = {.seed = cell_.seed}});
        take(model::evaluate(*model::make_model(std::move(definition)), *backend, *task.test,
                             {.shots = condition.shots, .seed = cell_.seed}));
        result_.presets = trained->presets;
    }

    void cross_validate() {
        const text::Dataset all = all_of(*cell_.task);
        const auto folds =
            model::stratified_folds(all, request_.folds, Random(cell_.seed).stream(kFoldStream));
        result_.right.resize(all.examples.size());
        double train_accuracy = 0.0;
        for (std::size_t fold = 0; fold < request_.folds; ++fold) {
            text::Dataset training = fold_of(all, folds, fold, false);
            const std::string preset = choose(training);
            model::TrainingRequest request = request_of(preset, std::move(training));
            request.scores_every_epoch = false;
            if (request_.inner_dev > 0.0) {
                text::Split split = text::stratified_split(request.train, request_.inner_dev, cell_.seed);
                request.train = std::move(split.rest);
                request.dev = std::move(split.part);
            }
            const model::TrainingResult trained = train(request);
            train_accuracy += trained.record.train.accuracy / static_cast<double>(request_.folds);
            const auto right = right_of(model::evaluate(*model::make_model(trained.definition), *backend_,
                                                        fold_of(all, folds, fold, true), {}));
            for (std::size_t i = 0, next = 0; i < folds.size(); ++i)
                if (folds[i] == fold) result_.right[i] = right[next++];
        }
        result_.train = train_accuracy;
    }

    /// The row's preset; of several the one that does best in cross-validation inside `training`.
    std::string choose(const text::Dataset& training) {
        std::string best = cell_.row->presets.front();
        if (cell_.row->presets.size() > 1) {
            const auto folds =
                model::stratified_folds(training, kInnerFolds, Random(cell_.seed).stream(kInnerStream));
            double most = -1.0, least_loss = 0.0;
            for (const std::string& preset : cell_.row->presets) {
                double right = 0.0, loss = 0.0;
                for (std::size_t fold = 0; fold < kInnerFolds; ++fold) {
                    model::TrainingRequest request =
                        request_of(preset, fold_of(training, folds, fold, false));
                    request.scores_every_epoch = false;
                    const auto trained = model::train(request, *backend_);
                    const auto evaluation = model::evaluate(*model::make_model(trained.definition), *backend_,
                                                            fold_of(training, folds, fold, true), {});
                    right += evaluation.accuracy * static_cast<double>(evaluation.n);
                    loss += evaluation.loss * static_cast<double>(evaluation.n);
                }
                if (right > most || (right == most && loss < least_loss)) {
                    best = preset;
                    most = right;
                    least_loss = loss;
                }
            }
        }
        result_.presets.push_back(best);
        return best;
    }

    /// Cells run beside each other: each counts the time of its own thread.
    model::TrainingResult train(const model::TrainingRequest& request) {
        const double start = thread_cpu_seconds();
        model::TrainingResult result = model::train(request, *backend_);
        result_.training_cpu_seconds += thread_cpu_seconds() - start;
        ++trainings_;
        result_.parameters = std::max(result_.parameters, result.definition.parameters().size());
        result_.circuit_parameters = result.circuit_parameters;
        return result;
    }

    static std::vector<bool> right_of(const model::Evaluation& evaluation) {
        std::vector<bool> right;
        for (const model::Prediction& one : evaluation.predictions)
            right.push_back(one.predicted == one.label);
        return right;
    }

    void take(const model::Evaluation& evaluation) {
        result_.right = right_of(evaluation);
        result_.margin = evaluation.margin;
    }

    const StudyRequest& request_;
    const StudyCell& cell_;
    std::unique_ptr<backend::Backend> backend_;
    CellResult result_;
    std::size_t trainings_ = 0;
};

}  // namespace

std::string StudyCondition::name() const {
    std::string name = device.empty() ? "noiseless" : device;
    if (!device.empty() && scale != 1.0) name += fmt::format(" x {}", scale);
    if (shots) name += fmt::format(", {} shots", *shots);
    return name;
}

std::string StudyCell::name() const {
    const std::string what = part == StudyPart::condition  ? condition->name()
                             : part == StudyPart::official ? "official"
                                                           : "cv";
    return fmt::format("{} {} {} seed {}", task->name, row->name, what, seed);
}

bool has_circuits(const StudyRow& row, const StudyTask& task) {
    Random random(1);
    const model::ModelRow& kind = model::find_model(row.model);
    return kind.make(kind.define(task.train, row.presets.front(), random))->rounds() > 0;
}

std::vector<StudyCell> cells_of(const StudyRequest& request) {
    std::vector<StudyCell> cells;
    for (const StudyTask& task : request.tasks)
        for (const StudyRow& row : request.rows) {
            if (!row.is_for(task)) continue;
            const auto add = [&](StudyPart part, const StudyCondition* condition) {
                for (std::uint64_t seed = 1; seed <= request.seeds; ++seed)
                    cells.push_back({&task, &row, part, seed, condition});
            };
            if (task.test) add(StudyPart::official, nullptr);
            if (request.folds > 0) add(StudyPart::cv, nullptr);
            if (!task.test || request.conditions.empty() || !has_circuits(row, task)) continue;
            for (const StudyCondition& condition : request.conditions) add(StudyPart::condition, &condition);
        }
    return cells;
}

CellResult run_cell(const StudyRequest& request, const StudyCell& cell) {
    return Worker(request, cell).run();
}

}  // namespace qdcnn::run
