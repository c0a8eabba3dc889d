#include "qdcnn/report/device_drawing.h"

#include <gtest/gtest.h>

#include <cmath>

#include "qdcnn/base/error.h"
#include "qdcnn/target/devices.h"
#include "xml_check.h"

namespace qdcnn::report {
namespace {

std::size_t count(const std::string& text, const std::string& word) {
    std::size_t found = 0;
    for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) ++found;
    return found;
}

TEST(DeviceDrawing, EveryBundledDeviceIsDrawn) {
    for (const std::string& name : target::bundled_devices()) {
        SCOPED_TRACE(name);
        const target::Target device = target::load_target(name);
        const std::string svg = draw_device(device, {0, 1});
        EXPECT_EQ(test::xml_problem(svg), "");
        EXPECT_NE(svg.find(name), std::string::npos);
        EXPECT_EQ(count(svg, "<title>qubit "), device.num_qubits) << "one tooltip each";
        EXPECT_NE(svg.find(">v1<"), std::string::npos);
        EXPECT_EQ(svg.find(">v2<"), std::string::npos);
        EXPECT_EQ(svg.find("nan\""), std::string::npos);
    }
}

TEST(DeviceDrawing, CoupledQubitsStandSideBySideAndNoneOnAnother) {
    for (const char* name : {"ibm_torino", "iqm_crystal54", "rigetti_aspen"}) {
        SCOPED_TRACE(name);
        const target::Target device = target::load_target(name);
        const auto places = device_places(device);
        auto apart = [&](std::size_t a, std::size_t b) {
            return std::hypot(places[a].first - places[b].first, places[a].second - places[b].second);
        };
        for (const auto& [a, b] : device.edges) EXPECT_LT(apart(a, b), 2.5) << a << " " << b;
        for (std::size_t a = 0; a < places.size(); ++a)
            for (std::size_t b = 0; b < a; ++b) EXPECT_GT(apart(a, b), 0.3) << a << " " << b;
    }
}

TEST(DeviceDrawing, WhatIsOutOfOrderIsDashedAndQubitsOutsideAreRefused) {
    target::Target device = target::load_target("ibm_torino");
    const std::size_t before = count(draw_device(device), "\"qd-ref\"");
    device.gates[{"cz", {0, 1}}].error = 1.0;
    device.gates[{"cz", {1, 0}}].error = 1.0;
    EXPECT_GT(count(draw_device(device), "\"qd-ref\""), before);
    try {
        draw_device(device, {133});
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::invalid_input);
        EXPECT_NE(std::string(error.what()).find("133"), std::string::npos);
    }
}

}  // namespace
}  // namespace qdcnn::report
