#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "qdcnn/base/error.h"
#include "qdcnn/vendors/ibm/results.h"
#include "qdcnn/vendors/ibm/typed_json.h"

namespace {

using namespace qdcnn;
using namespace qdcnn::vendors::ibm;

void read_results(const std::string& text, const JobShape& shape) {
    try {
        const vendors::JobResult result = decode_results(text, shape);
        if (const auto* sampler = std::get_if<backend::SamplerResult>(&result))
            for (const auto& pub : sampler->pubs)
                for (const auto& data : pub.data)
                    if (data.shots.rows() != shape.pubs[0].rows) std::abort();
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::vendor) std::abort();
    }
}

void read_array(const std::string& text) {
    nlohmann::json document;
    try {
        document = parse_python_json(text, "input");
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::parse) std::abort();
        return;
    }
    try {
        const NdArray array = ndarray_from_json(JsonView(document, "input"), 1 << 16);
        if (array.bytes.size() != array.size() * size_of(array.type)) std::abort();
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::invalid_input && error.kind() != ErrorKind::unsupported) std::abort();
    }
}

}  // namespace

// Any bytes as the result of a sampler with two registers, of an estimator with two rows and observables, and
// as an array.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    read_results(text, {.is_estimator = false, .pubs = {{.registers = {{"c", 0, 2}, {"d", 2, 9}}}}});
    read_results(text, {.is_estimator = true, .pubs = {{.rows = 2, .observables = 2}}});
    read_array(text);
    return 0;
}
