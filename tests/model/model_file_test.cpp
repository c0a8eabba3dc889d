#include "qdcnn/model/model_file.h"

#include <gtest/gtest.h>

#include <functional>
#include <nlohmann/json.hpp>

#include "model/toy_data.h"
#include "qdcnn/base/error.h"
#include "qdcnn/model/models.h"
#include "support/plain_backend.h"

namespace qdcnn::model {
namespace {

using nlohmann::json;

std::string toy_file() {
    TrainingRequest request;
    request.model = "staged";
    request.train = test::toy_data();
    request.dev = test::toy_dev();
    request.epochs = 2;
    request.seed = 18446744073709551615u;
    test::PlainBackend backend;
    const TrainingResult result = train(request, backend);
    return model_to_json({result.definition, result.record});
}

TEST(ModelFile, ReadsBackToTheSameBytes) {
    const std::string text = toy_file();
    EXPECT_EQ(model_to_json(model_from_json(text, "m.json")), text);
}

TEST(ModelFile, TrainingMayBeLeftOut) {
    json document = json::parse(toy_file());
    document.erase("training");
    document.erase("preset");
    const ModelFile file = model_from_json(document.dump(), "m.json");
    EXPECT_FALSE(file.training.has_value());
    EXPECT_EQ(file.definition.preset, "auto");
}

struct Damage {
    const char* name;
    std::function<void(json&)> change;
    ErrorKind kind;
    const char* part;
};

class DamagedFile : public testing::TestWithParam<Damage> {};

TEST_P(DamagedFile, IsRefusedWithThePath) {
    static const json whole = json::parse(toy_file());
    json document = whole;
    GetParam().change(document);
    try {
        model_from_json(document.dump(), "m.json");
        FAIL() << "accepted";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), GetParam().kind);
        EXPECT_NE(std::string(error.what()).find(GetParam().part), std::string::npos) << error.what();
        EXPECT_EQ(error.position()->file, "m.json");
    }
}

constexpr auto kInvalid = ErrorKind::invalid_input;

INSTANTIATE_TEST_SUITE_P(
    Table, DamagedFile,
    testing::Values(
        Damage{"OtherVersion", [](json& d) { d["schema"] = "qdcnn.model/2"; }, ErrorKind::unsupported,
               "version 2"},
        Damage{"NoModel", [](json& d) { d["schema"] = "else"; }, kInvalid, "schema"},
        Damage{"MissingKey", [](json& d) { d.erase("idf"); }, kInvalid, "\"idf\" is missing"},
        Damage{"UnknownKey", [](json& d) { d["clases"] = 1; }, kInvalid, "clases: this key is not known"},
        Damage{"WrongType", [](json& d) { d["classes"][1] = 3; }, kInvalid, "classes[1]: expected a string"},
        Damage{"UnknownModel", [](json& d) { d["model"] = "stage"; }, ErrorKind::not_found,
               "no model \"stage\""},
        Damage{"OneClass", [](json& d) { d["classes"] = {"a"}; }, kInvalid, "classes: expected two"},
        Damage{"TwinClasses", [](json& d) { d["classes"][1] = d["classes"][0]; }, kInvalid, "stands twice"},
        Damage{"Vocabulary", [](json& d) { d["vocabulary"][0] = "x"; }, kInvalid, "vocabulary: "},
        Damage{"IdfLength", [](json& d) { d["idf"].push_back(1.0); }, kInvalid, "idf: there are"},
        Damage{"IdfSign", [](json& d) { d["idf"][2] = -1.0; }, kInvalid, "idf[2]"},
        Damage{"FewQubits", [](json& d) { d["hyperparameters"]["qubits"] = 2; }, kInvalid,
               "hyperparameters.qubits is 2"},
        Damage{"HalfQubit", [](json& d) { d["hyperparameters"]["qubits"] = 4.5; }, kInvalid,
               "hyperparameters.qubits"},
        Damage{"NoHyperparameter", [](json& d) { d["hyperparameters"].erase("conv_depth"); }, kInvalid,
               "conv_depth"},
        Damage{"ExtraHyperparameter", [](json& d) { d["hyperparameters"]["depth"] = 1; }, kInvalid,
               "hyperparameters.depth"},
        Damage{"TensorName", [](json& d) { d["tensors"][2]["name"] = "conv"; }, kInvalid, "tensors[2].name"},
        Damage{"TensorShape",
               [](json& d) {
                   d["tensors"][0]["shape"] = {4, 4};
               },
               kInvalid, "tensors[0].shape"},
        Damage{"TensorValues", [](json& d) { d["tensors"][0]["values"].push_back(1.0); }, kInvalid,
               "tensors[0].values"},
        Damage{"TensorMissing", [](json& d) { d["tensors"].erase(1); }, kInvalid, "tensors: there are 3"},
        Damage{"TensorKey", [](json& d) { d["tensors"][0].erase("values"); }, kInvalid, "tensors[0]"},
        Damage{"TrainingType", [](json& d) { d["training"]["history"][1]["train"]["loss"] = "x"; }, kInvalid,
               "training.history[1].train.loss"},
        Damage{"TrainingKey", [](json& d) { d["training"]["sede"] = 1; }, kInvalid, "training.sede"}),
    [](const auto& row) { return row.param.name; });

TEST(ModelFile, CutShortAnywhereIsAnError) {
    const std::string text = toy_file();
    for (std::size_t length = 0; length + 2 < text.size(); length += 37) {
        try {
            model_from_json(text.substr(0, length), "m.json");
            FAIL() << "accepted at " << length;
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), ErrorKind::parse);
            EXPECT_EQ(error.position()->file, "m.json");
        }
    }
}

TEST(ModelTable, RowsAreWhole) {
    for (const ModelRow& row : model_table()) {
        EXPECT_FALSE(row.description.empty());
        EXPECT_EQ(&find_model(std::string(row.name)), &row);
        for (const char* preset : {"mc", "rp", "auto"}) {
            Random random(2);
            const auto model = make_model(row.define(test::toy_data(), preset, random));
            EXPECT_EQ(model->name(), row.name);
            EXPECT_EQ(model->classes().size(), 3u);
            EXPECT_LE(model->circuit_parameters(), model->definition().parameters().size());
        }
    }
}

}  // namespace
}  // namespace qdcnn::model
