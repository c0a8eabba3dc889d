#include "qdcnn/run/open_backend.h"

#include "qdcnn/base/error.h"
#include "qdcnn/base/suggest.h"
#include "qdcnn/sim/density_matrix.h"
#include "qdcnn/sim/local_backend.h"
#include "qdcnn/sim/noise_model.h"
#include "qdcnn/target/devices.h"

namespace qdcnn::run {

std::unique_ptr<backend::Backend> open_backend(const std::string& name, const OpenOptions& options) {
    const std::string kLocal = "local", kPrefix = "local:";
    if (name == kLocal) return sim::make_local_backend();
    if (name.starts_with(kPrefix)) {
        const target::Target target = target::load_target(name.substr(kPrefix.size()));
        auto simulator = sim::make_noisy_simulator(sim::noise_model_from_target(target, options.noise_scale));
        return make_transpiling_backend(sim::make_local_backend(std::move(simulator), name, target), name,
                                        options.transpile);
    }
    std::vector<std::string> known{kLocal};
    for (const std::string& device : target::bundled_devices()) known.push_back(kPrefix + device);
    throw Error(ErrorKind::not_found, "unknown backend \"" + name + "\"", suggestion(name, known));
}

}  // namespace qdcnn::run
