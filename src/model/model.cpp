#include "qdcnn/model/model.h"

#include "qdcnn/base/error.h"

namespace qdcnn::model {

std::vector<double> Definition::parameters() const {
    std::vector<double> all;
    for (const Tensor& tensor : tensors) all.insert(all.end(), tensor.values.begin(), tensor.values.end());
    return all;
}

void Definition::set_parameters(std::span<const double> values) {
    std::size_t offset = 0;
    for (Tensor& tensor : tensors) {
        const auto part = values.subspan(offset, tensor.values.size());
        tensor.values.assign(part.begin(), part.end());
        offset += tensor.values.size();
    }
}

void require_circuits(const Model& model) {
    if (model.rounds() > 0) return;
    throw Error(ErrorKind::unsupported, "the model " + model.name() + " is classical, it has no circuit",
                "Evaluate it on the backend local, or name a model of circuits such as coherent.");
}

}  // namespace qdcnn::model
