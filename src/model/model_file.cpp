#include "qdcnn/model/model_file.h"

#include <fmt/format.h>

#include "model/training_json.h"
#include "qdcnn/base/error.h"
#include "qdcnn/base/files.h"
#include "qdcnn/model/models.h"

namespace qdcnn::model {
namespace {

using nlohmann::json;

std::vector<Tensor> tensors_from_json(const JsonView& view) {
    std::vector<Tensor> tensors;
    for (const JsonView& one : view.elements()) {
        refuse_unknown_keys(one, {"name", "shape", "values"});
        Tensor tensor{one.at("name").text(), {}, one.at("values").numbers()};
        for (const JsonView& extent : one.at("shape").elements()) {
            if (extent.integer() < 1) extent.fail("expected a whole number from 1");
            tensor.shape.push_back(static_cast<std::size_t>(extent.integer()));
        }
        tensors.push_back(std::move(tensor));
    }
    return tensors;
}

void check_schema(const JsonView& view) {
    const std::string schema = view.at("schema").text();
    if (schema == kModelSchema) return;
    if (schema.starts_with("qdcnn.model/"))
        throw Error(ErrorKind::unsupported,
                    fmt::format("this model file is of version {}, this program reads version {}",
                                schema.substr(12), std::string(kModelSchema).substr(12)),
                    "Train the model again, or use the program that wrote it.");
    view.at("schema").fail(
        fmt::format("expected \"{}\", found \"{}\"; this is no model file", kModelSchema, schema));
}

void check_classes(const JsonView& view, const std::vector<std::string>& classes) {
    if (classes.size() < 2) view.fail("expected two classes or more");
    for (std::size_t i = 0; i < classes.size(); ++i)
        for (std::size_t j = 0; j < i; ++j)
            if (classes[i] == classes[j])
                view.at(i).fail(fmt::format("the class \"{}\" stands twice", classes[i]));
}

Definition definition_from_json(const JsonView& view) {
    Definition definition;
    definition.model = view.at("model").text();
    definition.preset = view.text_or("preset", "auto");
    definition.classes = view.at("classes").texts();
    check_classes(view.at("classes"), definition.classes);
    try {
        definition.vocabulary = text::Vocabulary(view.at("vocabulary").texts());
    } catch (const Error& error) {
        throw error.with_context("vocabulary");
    }
    definition.idf = view.at("idf").numbers();
    if (definition.idf.size() != definition.vocabulary.size())
        view.at("idf").fail(fmt::format("there are {} numbers for {} vocabulary entries",
                                        definition.idf.size(), definition.vocabulary.size()));
    for (std::size_t id = 0; id < definition.idf.size(); ++id)
        if (!(definition.idf[id] > 0.0)) view.at("idf").at(id).fail("expected a number above 0");
    for (const std::string& name : view.at("hyperparameters").keys())
        definition.hyperparameters[name] = view.at("hyperparameters").at(name).number();
    definition.tensors = tensors_from_json(view.at("tensors"));
    return definition;
}

/// A member a line, and an element a line where the member is a list of objects: readable, and friendly to
/// diff.
std::string lines_of(const nlohmann::ordered_json& object) {
    std::string text = "{";
    for (const auto& [key, value] : object.items()) {
        text += fmt::format("{}\n {}: ", text.size() > 1 ? "," : "", to_text(json(key)));
        if (!value.is_array() || value.empty() || !value.front().is_object()) {
            text += to_text(value);
            continue;
        }
        for (std::size_t i = 0; i < value.size(); ++i)
            text += (i == 0 ? "[\n  " : ",\n  ") + to_text(value[i]);
        text += "]";
    }
    return text + "\n}\n";
}

}  // namespace

std::string model_to_json(const ModelFile& file) {
    const Definition& definition = file.definition;
    nlohmann::ordered_json out;
    out["schema"] = kModelSchema;
    out["model"] = definition.model;
    out["preset"] = definition.preset;
    out["classes"] = definition.classes;
    out["vocabulary"] = definition.vocabulary.entries();
    out["idf"] = definition.idf;
    out["hyperparameters"] = definition.hyperparameters;
    out["tensors"] = nlohmann::ordered_json::array();
    for (const Tensor& tensor : definition.tensors)
        out["tensors"].push_back({{"name", tensor.name}, {"shape", tensor.shape}, {"values", tensor.values}});
    if (file.training) out["training"] = to_json(*file.training);
    return lines_of(out);
}

ModelFile model_from_json(const std::string& text, const std::string& file_name) {
    const json document = parse_json(text, file_name);
    try {
        const JsonView view(document, "");
        check_schema(view);
        refuse_unknown_keys(view, {"schema", "model", "preset", "classes", "vocabulary", "idf",
                                   "hyperparameters", "tensors", "training"});
        ModelFile file;
        file.definition = definition_from_json(view);
        if (view.has("training")) file.training = record_from_json(view.at("training"));
        make_model(file.definition);
        return file;
    } catch (const Error& error) {
        throw error.at({file_name, 0, 0});
    }
}

void write_model(const std::string& path, const ModelFile& file) {
    write_file_atomic(path, model_to_json(file));
}

ModelFile read_model(const std::string& path) { return model_from_json(read_file(path), path); }

}  // namespace qdcnn::model
