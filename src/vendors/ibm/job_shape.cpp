#include <fmt/format.h>

#include <limits>

#include "qdcnn/base/error.h"
#include "qdcnn/qasm/reader.h"
#include "qdcnn/vendors/ibm/results.h"
#include "qdcnn/vendors/ibm/typed_json.h"

namespace qdcnn::vendors::ibm {
namespace {

/// Rows of a PUB: the product of the array's axes but the last, which counts the parameters. An estimator's
/// array has an axis of length 1 before that, where its observables stand.
std::size_t rows_of(const JsonView& values) {
    if (values.value().is_null() || (values.value().is_object() && type_of(values).empty())) return 1;
    const NdArray array = ndarray_from_json(values);
    std::size_t rows = 1;
    for (std::size_t axis = 0; axis + 1 < array.shape.size(); ++axis) rows *= array.shape[axis];
    return rows;
}

/// Leaves of nested lists.
std::size_t count_observables(const JsonView& observables) {
    if (!observables.value().is_array()) return 1;
    std::size_t count = 0;
    for (const JsonView& element : observables.elements()) {
        if (element.value().is_array()) element.fail("observables are one list");
        ++count;
    }
    return count;
}

PubShape pub_shape(const JsonView& pub, bool is_estimator) {
    PubShape shape;
    const std::size_t values_at = is_estimator ? 2 : 1;
    if (pub.size() > values_at) shape.rows = rows_of(pub.at(values_at));
    if (is_estimator)
        shape.observables = count_observables(pub.at(1));
    else
        shape.registers = qasm::read_qasm(pub.at(0).text(), pub.at(0).path()).clbit_registers();
    return shape;
}

}  // namespace

JobShape job_shape(const std::string& content) {
    const nlohmann::json document = parse_python_json(content, "the request");
    const JsonView body(document, "request");
    JobShape shape;
    const std::string program = body.at("program_id").text();
    if (program != "sampler" && program != "estimator")
        body.at("program_id").fail(fmt::format("\"{}\" is neither sampler nor estimator", program));
    shape.is_estimator = program == "estimator";
    for (const JsonView& pub : body.at("params").at("pubs").elements())
        shape.pubs.push_back(pub_shape(pub, shape.is_estimator));
    return shape;
}

}  // namespace qdcnn::vendors::ibm
