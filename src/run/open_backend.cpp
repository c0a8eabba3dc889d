#include "qdcnn/run/open_backend.h"

#include <algorithm>

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
    const std::vector<std::string> vendors{"ibm", "braket", "ionq",       "iqm",
                                           "aqt", "azure",  "quantinuum", "oqc"};
    const std::size_t colon = name.find(':');
    if (colon != std::string::npos &&
        std::find(vendors.begin(), vendors.end(), name.substr(0, colon)) != vendors.end())
        throw Error(
            ErrorKind::unsupported, "backend \"" + name + "\": no vendor's machines can be reached yet",
            "Simulate a device's noise with local:DEVICE (see qdcnn device list), or emit the circuits "
            "and run them with the vendor's own tools.");
    std::vector<std::string> known{kLocal};
    for (const std::string& device : target::bundled_devices()) known.push_back(kPrefix + device);
    throw Error(ErrorKind::not_found, "unknown backend \"" + name + "\"", suggestion(name, known));
}

}  // namespace qdcnn::run
