#include <gtest/gtest.h>

#include "qdcnn/base/error.h"
#include "qdcnn/qasm/printer.h"
#include "qdcnn/qasm/reader.h"
#include "qdcnn/target/devices.h"
#include "qdcnn/transpile/pass_manager.h"

// What OpenQASM says beside gates, on its way through the passes.
namespace qdcnn::transpile {
namespace {

circuit::Circuit read(const char* text) { return qasm::read_qasm(text, "test.qasm"); }

TEST(Verbatim, NoLevelTouchesItsGates) {
    const auto circuit =
        read("bit c;\n#pragma braket verbatim\nbox { rx(0.5) $0; rx(-0.5) $0; }\nc = measure $0;");
    const auto target = target::load_target("rigetti_ankaa");
    for (int level = 0; level <= 3; ++level) try {
            preset_pass_manager(level, target).run(circuit);
            ADD_FAILURE() << "level " << level;
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), ErrorKind::unsupported);
            EXPECT_NE(std::string(error.what()).find("verbatim box"), std::string::npos);
            EXPECT_FALSE(error.hint().empty());
        }
}

TEST(Verbatim, OtherBoxesKeepTheirDurationAndRemarksStayBehind) {
    const auto circuit = read("qubit q; bit c;\n#pragma own q\nbox[100ns] { h q; }\nc = measure q;");
    const auto result = preset_pass_manager(1, target::load_target("ibm_torino")).run(circuit);
    const std::string text = qasm::print_qasm(result.circuit, {.dialect = qasm::Dialect::full});
    EXPECT_NE(text.find("box[100ns] {"), std::string::npos) << text;
    EXPECT_EQ(text.find("#pragma"), std::string::npos) << text;
}

}  // namespace
}  // namespace qdcnn::transpile
