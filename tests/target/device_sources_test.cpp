// The bundled devices against the files they are made from. qasm/devices/*.json are written by target_to_json
// from the measuring data beside the checkout; where that data is absent there is nothing to compare
// (devices_test.cpp checks the bundled files by themselves). On a difference the made file is written beside
// the bundled one as <name>.json.new; take it over to change a device.

#include <gtest/gtest.h>

#include <filesystem>
#include <iostream>

#include "qdcnn/base/files.h"
#include "qdcnn/target/devices.h"
#include "support/shared_files.h"

namespace qdcnn::target {
namespace {

struct Source {
    const char* name;
    const char* file;
    const char* vendor;
    /// Put in place of what the file says of itself; empty keeps it.
    const char* source;
};

constexpr const char* kIbmSource =
    "calibration snapshot shipped with qiskit-ibm-runtime 0.51.0 (fake provider)";

constexpr Source kSources[] = {
    {"ibm_sherbrooke", "rest/fixtures/ibm/backends/ibm_sherbrooke", "IBM", kIbmSource},
    {"ibm_torino", "rest/fixtures/ibm/backends/ibm_torino", "IBM", kIbmSource},
    {"ibm_fez", "bench/transpile/targets/ibm_heavyhex156_cz.json", "IBM", kIbmSource},
    {"iqm_garnet", "bench/transpile/targets/iqm_grid20_prx_cz.json", "IQM", ""},
    {"iqm_crystal54", "bench/transpile/targets/iqm_grid54_prx_cz.json", "IQM", ""},
    {"ionq_aria", "bench/transpile/targets/ionq_full25_gpi_ms.json", "IonQ", ""},
    {"ionq_forte", "bench/transpile/targets/ionq_full36_gpi_zz.json", "IonQ", ""},
    {"quantinuum_h2", "bench/transpile/targets/quantinuum_full56_rzz_u1q.json", "Quantinuum", ""},
    {"aqt_ibex", "bench/transpile/targets/aqt_full12_r_rxx.json", "AQT", ""},
    {"rigetti_ankaa", "bench/transpile/targets/rigetti_square84_rx_iswap.json", "Rigetti", ""},
    {"rigetti_aspen", "bench/transpile/targets/rigetti_octagon80_rx_cz_iswap.json", "Rigetti", ""},
};

TEST(BundledDevices, AreWhatTheirSourcesSay) {
    for (const Source& row : kSources) {
        SCOPED_TRACE(row.name);
        const auto file = test::shared_file(row.file);
        if (!file) {
            std::cout << "no " << row.file << " beside the checkout: not compared\n";
            continue;
        }
        Target target = read_target(*file);
        target.name = row.name;
        target.vendor = row.vendor;
        if (*row.source) target.source = row.source;
        const std::string made = target_to_json(target);
        const std::string path = std::string(QDCNN_SOURCE_DIR) + "/qasm/devices/" + row.name + ".json";
        const bool is_same = std::filesystem::exists(path) && read_file(path) == made;
        EXPECT_TRUE(is_same) << "see " << path << ".new";
        if (!is_same) write_file_atomic(path + ".new", made);
    }
}

}  // namespace
}  // namespace qdcnn::target
