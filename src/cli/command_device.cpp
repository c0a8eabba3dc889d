#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <ostream>

#include "cli/commands.h"
#include "cli/transpile_tables.h"
#include "cli/vendor_access.h"
#include "qdcnn/base/error.h"
#include "qdcnn/base/files.h"
#include "qdcnn/base/json.h"
#include "qdcnn/base/suggest.h"
#include "qdcnn/report/device_drawing.h"
#include "qdcnn/run/open_backend.h"
#include "qdcnn/target/devices.h"

namespace qdcnn::cli {
namespace {

using nlohmann::ordered_json;
using target::Target;

std::vector<std::string> native_names(const Target& device) {
    std::vector<std::string> names;
    for (const auto& gate : device.native_gates) names.push_back(gate.name);
    return names;
}

ordered_json summary(const Target& device) {
    return {{"name", device.name},
            {"qubits", device.num_qubits},
            {"native", native_names(device)},
            {"source", device.source},
            {"date", device.date}};
}

ordered_json number_or_null(double value) {
    return std::isnan(value) ? ordered_json(nullptr) : ordered_json(value);
}

/// The middle one of the known values that are not out of order; NaN when there is none.
double median(std::vector<double> values) {
    std::erase_if(values, [](double value) { return std::isnan(value) || value >= 1.0; });
    if (values.empty()) return std::numeric_limits<double>::quiet_NaN();
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

/// Median error of each native gate that takes a pulse, and of the read-out.
std::vector<std::pair<std::string, double>> median_errors(const Target& device) {
    std::vector<std::pair<std::string, double>> medians;
    for (const auto& gate : device.native_gates) {
        if (gate.is_virtual) continue;
        std::vector<double> errors;
        for (const auto& [key, properties] : device.gates)
            if (key.first == gate.name) errors.push_back(properties.error);
        if (const auto common = device.defaults.find(gate.name);
            errors.empty() && common != device.defaults.end())
            errors.push_back(common->second.error);
        medians.emplace_back(gate.name, median(errors));
    }
    std::vector<double> readouts;
    for (circuit::Qubit q = 0; q < device.num_qubits; ++q) {
        const auto [up, down] = device.readout_flips(q);
        readouts.push_back((up + down) / 2);
    }
    medians.emplace_back("measure", median(readouts));
    return medians;
}

const char* error_kind_words(const Target& device) {
    return device.error_kind == target::ErrorKindOfTarget::average_gate_infidelity ? "average_gate_infidelity"
                                                                                   : "depolarizing_parameter";
}

ordered_json details(const Target& device) {
    ordered_json all = summary(device);
    all["vendor"] = device.vendor;
    all["all_to_all"] = device.all_to_all;
    all["edges"] = ordered_json::array();
    for (const auto& [a, b] : device.edges) all["edges"].push_back({a, b});
    all["virtual_z"] = device.has_virtual_z;
    all["mid_circuit_measurement"] = device.has_mid_circuit_measurement;
    all["feed_forward"] = device.has_feed_forward;
    all["reset"] = device.has_reset;
    all["error_kind"] = error_kind_words(device);
    for (const auto& [name, error] : median_errors(device)) all["median_error"][name] = number_or_null(error);
    return all;
}

void print_details(const Target& device, std::ostream& out) {
    auto yes_or_no = [](bool value) { return value ? "yes" : "no"; };
    out << fmt::format("{}, {}, {} qubits\n", device.name, device.vendor, device.num_qubits);
    out << fmt::format("  source       {}{}\n", device.source, device.date.empty() ? "" : ", " + device.date);
    out << fmt::format("  couplings    {}\n",
                       device.all_to_all ? "every pair" : fmt::format("{}", device.edges.size()));
    out << fmt::format("  mid-circuit  measurement {}, feed-forward {}, reset {}\n",
                       yes_or_no(device.has_mid_circuit_measurement), yes_or_no(device.has_feed_forward),
                       yes_or_no(device.has_reset));
    out << fmt::format("  native       {}{}\n", fmt::join(native_names(device), ", "),
                       device.has_virtual_z ? "; z rotations as a frame" : "");
    out << fmt::format("  median errors ({})\n", error_kind_words(device));
    for (const auto& [name, error] : median_errors(device))
        out << fmt::format("    {:<10} {}\n", name,
                           std::isnan(error) ? "unknown" : fmt::format("{:.3g}", error));
}

int list_of_vendor(const std::string& vendor, const ParsedOptions& given, Console& console) {
    const auto service = run::open_vendor(vendor, journal_place(console).open_service);
    ordered_json answer{{"schema", "qdcnn.devices/1"}, {"devices", ordered_json::array()}};
    for (const vendors::DeviceSummary& device : service->devices()) {
        answer["devices"].push_back({{"name", device.name},
                                     {"qubits", device.qubits},
                                     {"native", ordered_json::array()},
                                     {"source", vendor},
                                     {"date", ""},
                                     {"online", device.is_online},
                                     {"status", device.status},
                                     {"queue_length", nullptr}});
        if (device.queue_length) answer["devices"].back()["queue_length"] = *device.queue_length;
        if (!given.json())
            console.out << fmt::format(
                "{:<24} {:>4} qubits  {:<8} {}\n", vendor + ":" + device.name, device.qubits, device.status,
                device.queue_length ? fmt::format("{} in the queue", *device.queue_length) : std::string());
    }
    if (given.json()) console.out << to_text(answer) << '\n';
    return 0;
}

/// VENDOR:DEVICE as it is today, else a bundled device or a file.
Target load(const std::string& name, const Console& console) {
    const std::size_t colon = name.find(':');
    const std::string vendor = name.substr(0, colon);
    if (colon == std::string::npos || vendor == "local" || exists(name)) return target::load_target(name);
    if (!run::is_remote(name)) return target::load_target(name);
    const std::string device = name.substr(colon + 1);
    return run::open_vendor(vendor, journal_place(console, device).open_service)->target(device);
}

void draw(const Target& device, const ParsedOptions& given) {
    const auto layout = given.text("layout");
    const auto svg = given.text("svg");
    if (layout && !svg)
        throw Error(ErrorKind::usage, "--layout without --svg", "It says what the drawing marks.");
    if (!svg) return;
    std::vector<circuit::Qubit> marked;
    if (layout) marked = read_layout(*layout);
    write_file_atomic(*svg, report::draw_device(device, marked));
}

}  // namespace

Options device_options() {
    Options options(
        "device",
        "Lists the devices known here, or those of a vendor, or shows one: qdcnn device list, qdcnn "
        "device list --backend ibm, qdcnn device show NAME, qdcnn device show ibm:NAME.");
    options.positional("list|show NAME|FILE|VENDOR:NAME", "what to do", true);
    options.value("svg", "FILE", "show: draws the device, coloured by its errors");
    options.value("layout", "FILE", "show --svg: a layout file of transpile, whose qubits get a ring");
    options.value("backend", "VENDOR", "list: this vendor's devices as they are now");
    add_account_options(options);
    return options;
}

int run_device(const ParsedOptions& given, Console& console) {
    const auto& words = given.words();
    ordered_json answer{{"schema", "qdcnn.devices/1"}, {"devices", ordered_json::array()}};
    if (words[0] == "list" && words.size() == 1) {
        if (const auto vendor = given.text("backend")) return list_of_vendor(*vendor, given, console);
        for (const std::string& name : target::bundled_devices()) {
            const Target device = target::load_target(name);
            answer["devices"].push_back(summary(device));
            if (!given.json())
                console.out << fmt::format("{:<16} {:>4} qubits  {}\n", name, device.num_qubits,
                                           fmt::join(native_names(device), ", "));
        }
    } else if (words[0] == "show" && words.size() == 2) {
        const Target device = load(words[1], console);
        answer["devices"].push_back(details(device));
        draw(device, given);
        if (!given.json()) print_details(device, console.out);
    } else if (words[0] == "list" || words[0] == "show") {
        throw Error(ErrorKind::usage,
                    fmt::format("device {} takes {}", words[0], words[0] == "list" ? "no name" : "one name"),
                    "See qdcnn device --help.");
    } else {
        throw Error(ErrorKind::usage, "unknown action \"" + words[0] + "\"",
                    suggestion(words[0], {"list", "show"}));
    }
    if (given.json()) console.out << to_text(answer) << '\n';
    return 0;
}

}  // namespace qdcnn::cli
