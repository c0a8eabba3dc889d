#include "cli/emit_model.h"

#include <fmt/format.h>

#include <filesystem>

#include <nlohmann/json.hpp>

#include "qdcnn/base/error.h"
#include "qdcnn/base/files.h"
#include "qdcnn/base/interrupt.h"
#include "qdcnn/base/json.h"
#include "qdcnn/circuit/state_preparation.h"
#include "qdcnn/model/evaluation.h"
#include "qdcnn/model/model_file.h"
#include "qdcnn/model/models.h"
#include "qdcnn/run/open_backend.h"
#include "qdcnn/target/devices.h"
#include "qdcnn/text/tokens.h"
#include "qdcnn/transpile/pass_manager.h"

namespace qdcnn::cli {
namespace {

using nlohmann::ordered_json;

bool has_prepare(const circuit::Circuit& circuit) {
    bool found = false;
    circuit::for_each_operation(circuit.operations(), [&](const circuit::Operation& operation) {
        found = found || std::holds_alternative<circuit::Prepare>(operation.kind());
    });
    return found;
}

/// What the row stands for: a word and its position, or the first position of its window and its channel.
ordered_json origin_of(const model::RowOrigin& origin) {
    ordered_json out{{"word", nullptr}, {"position", nullptr}, {"channel", nullptr}, {"window", nullptr}};
    if (!origin.word.empty()) {
        out["word"] = origin.word;
        out["position"] = origin.position;
    } else {
        if (origin.channel >= 0) out["channel"] = origin.channel;
        if (origin.position >= 0) out["window"] = origin.position;
    }
    return out;
}

class Emitter {
  public:
    explicit Emitter(const EmitRequest& request) : request_(request) {
        if (!request.target) return;
        target_ = target::load_target(*request.target);
        passes_.emplace(transpile::preset_pass_manager(1, *target_));
        print_.device_qubits = target_->num_qubits;
    }

    std::size_t run() {
        const auto model = model::make_model(model::read_model(request_.model).definition);
        model::require_circuits(*model);
        const auto exact = run::open_backend("local");
        const std::vector<std::string> sentences{request_.sentence};
        // Refuses a sentence without words, and is what the circuits should give.
        const model::Prediction prediction = model::predict(*model, *exact, sentences, {}).front();
        print_.dialect = request_.dialect;
        is_folder_new_ = !exists(request_.folder);
        make_folders(request_.folder);
        const std::vector<text::Tokens> tokens{text::tokenise(request_.sentence)};
        const auto inference =
            model->begin(tokens, {.share_words = false, .may_be_dynamic = !target_ || target_->is_dynamic()});
        std::size_t round = 0;
        for (; !inference->is_done(); ++round) {
            std::vector<backend::EstimatorPub> pubs;
            for (const model::Stage& stage : inference->round()) pubs.push_back(stage.pub);
            const auto result = exact->run(std::move(pubs), {})->result();
            std::vector<std::vector<double>> values;
            for (const auto& pub : result.pubs) values.push_back(pub.values);
            for (std::size_t i = 0; i < values.size(); ++i) emit(inference->round()[i], round, values[i]);
            inference->accept(values);
        }
        write_manifest(*model, prediction, tokens.front(), round);
        return circuits_.size();
    }

    /// Removes what `run` wrote before it failed.
    void take_back() const {
        std::error_code ignored;
        for (const std::string& path : written_) std::filesystem::remove(path, ignored);
        if (is_folder_new_) std::filesystem::remove(request_.folder, ignored);
    }

  private:
    void emit(const model::Stage& stage, std::size_t round, const std::vector<double>& values) {
        const std::size_t outputs = stage.pub.observables.size();
        if (request_.as_templates) return emit_template(stage, round, values);
        for (std::size_t row = 0; row < stage.origins.size(); ++row) {
            ordered_json entry = origin_of(stage.origins[row]);
            entry["parameters"] = named(*stage.pub.circuit, stage.pub.parameters.row(row));
            const auto first = values.begin() + static_cast<std::ptrdiff_t>(row * outputs);
            entry["values"] = std::vector<double>(first, first + static_cast<std::ptrdiff_t>(outputs));
            write(stage, round, row, stage.pub.circuit->bind(stage.pub.parameters.row(row)),
                  std::move(entry));
        }
    }

    /// One circuit; `rows` of the manifest hold what binds it.
    void emit_template(const model::Stage& stage, std::size_t round, const std::vector<double>& values) {
        const std::size_t outputs = stage.pub.observables.size();
        const bool binds_data = has_prepare(*stage.pub.circuit);
        const std::size_t bound = binds_data ? stage.data_parameters : 0;
        const circuit::Circuit circuit =
            stage.pub.circuit->bind_first(stage.pub.parameters.row(0).first(bound));
        ordered_json entry;
        entry["parameters"] = circuit.parameters();
        entry["rows"] = ordered_json::array();
        for (std::size_t row = 0; row < stage.origins.size(); ++row) {
            ordered_json one = origin_of(stage.origins[row]);
            one["parameters"] = named(circuit, stage.pub.parameters.row(row).subspan(bound));
            const auto first = values.begin() + static_cast<std::ptrdiff_t>(row * outputs);
            one["values"] = std::vector<double>(first, first + static_cast<std::ptrdiff_t>(outputs));
            entry["rows"].push_back(std::move(one));
        }
        write(stage, round, 0, circuit, std::move(entry));
    }

    static ordered_json named(const circuit::Circuit& circuit, std::span<const double> values) {
        ordered_json out = ordered_json::object();
        for (std::size_t k = 0; k < values.size(); ++k) out[circuit.parameters()[k]] = values[k];
        return out;
    }

    void write(const model::Stage& stage, std::size_t round, std::size_t index,
               const circuit::Circuit& circuit, ordered_json about) {
        circuit::Circuit measured = circuit::with_prepares_lowered(circuit);
        measured.measure_all();
        ordered_json entry{{"file", fmt::format("r{}-{}-{}.qasm", round, stage.name, index)},
                           {"round", round},
                           {"stage", stage.name},
                           {"index", index}};
        entry.update(about);
        entry["observables"] = ordered_json::array();
        for (const auto& observable : stage.pub.observables)
            entry["observables"].push_back(to_string(observable));
        entry["layout"] = nullptr;
        if (passes_) {
            transpile::Result result = passes_->run(measured);
            entry["layout"] = {{"initial", result.initial_layout}, {"final", result.final_layout}};
            measured = std::move(result.circuit);
        }
        const auto figures = circuit::metrics(measured);
        entry["two_qubit_gates"] = figures.two_qubit_gates;
        entry["depth"] = figures.depth;
        interrupt().throw_if_interrupted();
        const std::string path = request_.folder + "/" + entry["file"].get<std::string>();
        written_.push_back(path);
        write_file_atomic(path, qasm::print_qasm(measured, print_));
        circuits_.push_back(std::move(entry));
    }

    void write_manifest(const model::Model& model, const model::Prediction& prediction,
                        const text::Tokens& tokens, std::size_t rounds) const {
        ordered_json manifest{{"schema", "qdcnn.manifest/1"},
                              {"model", model.name()},
                              {"sentence", request_.sentence},
                              {"tokens", tokens},
                              {"unknown_words", prediction.unknown_words},
                              {"classes", model.classes()},
                              {"logits", prediction.logits},
                              {"predicted", prediction.predicted},
                              {"target", nullptr},
                              {"dialect", std::string(qasm::dialect_row(request_.dialect).name)},
                              {"template", request_.as_templates},
                              {"rounds", rounds},
                              {"circuits", circuits_}};
        if (target_) manifest["target"] = target_->name;
        write_file_atomic(request_.folder + "/manifest.json", to_text(manifest, 1) + "\n");
    }

    const EmitRequest& request_;
    std::optional<target::Target> target_;
    std::optional<transpile::PassManager> passes_;
    qasm::PrintOptions print_;
    ordered_json circuits_ = ordered_json::array();
    std::vector<std::string> written_;
    bool is_folder_new_ = false;
};

}  // namespace

std::size_t emit_model(const EmitRequest& request) {
    Emitter emitter(request);
    try {
        return emitter.run();
    } catch (...) {
        emitter.take_back();
        throw;
    }
}

}  // namespace qdcnn::cli
