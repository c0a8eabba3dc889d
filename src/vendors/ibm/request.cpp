#include "vendors/ibm/request.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "qdcnn/base/error.h"
#include "qdcnn/qasm/printer.h"
#include "qdcnn/vendors/ibm/typed_json.h"
#include "vendors/ibm/jobs.h"
#include "vendors/ibm/validation.h"

// IBM Quantum, POST /jobs: PUBs of OpenQASM 3 text on a register of the device's width.

namespace qdcnn::vendors::ibm {
namespace {

using nlohmann::json;

/// A circuit as text, with the columns of its parameters in the service's order.
struct Written {
    std::string text;
    std::vector<std::size_t> columns;
};

std::vector<bool> used_parameters(const circuit::Circuit& circuit) {
    std::vector<bool> used(circuit.parameters().size());
    circuit::for_each_operation(circuit.operations(), [&](const circuit::Operation& operation) {
        if (const auto* gate = std::get_if<circuit::Gate>(&operation))
            for (const circuit::Angle& angle : gate->angles)
                for (const auto& term : angle.terms()) used[term.parameter] = true;
    });
    return used;
}

/// The service counts only parameters that are used, sorted by their names in the text, which need not be the
/// circuit's.
Written write_circuit(const circuit::Circuit& circuit, std::uint32_t device_qubits) {
    const std::string text =
        qasm::print_qasm(circuit, {.dialect = qasm::Dialect::ibm, .device_qubits = device_qubits});
    constexpr std::string_view kInput = "input float[64] ";
    const std::vector<bool> used = used_parameters(circuit);
    Written written;
    std::vector<std::string> names;
    for (std::size_t start = 0; start < text.size();) {
        const std::size_t end = std::min(text.find('\n', start), text.size() - 1) + 1;
        const std::string_view line = std::string_view(text).substr(start, end - start);
        start = end;
        if (line.starts_with(kInput)) {
            const std::string_view rest = line.substr(kInput.size());
            names.emplace_back(rest.substr(0, rest.find(';')));
            if (!used.at(names.size() - 1)) continue;
            written.columns.push_back(names.size() - 1);
        }
        written.text += line;
    }
    std::sort(written.columns.begin(), written.columns.end(),
              [&](std::size_t a, std::size_t b) { return names[a] < names[b]; });
    return written;
}

/// rows x parameters; for an estimator with several of both an axis of length 1 between them, over which the
/// observables spread. A bound circuit has an empty array.
json write_parameters(const backend::ParameterMatrix& parameters, const std::vector<std::size_t>& columns,
                      std::size_t observables) {
    std::vector<double> values;
    for (std::size_t r = 0; r < parameters.rows(); ++r)
        for (const std::size_t column : columns) values.push_back(parameters(r, column));
    std::vector<std::size_t> shape{parameters.rows(), columns.size()};
    if (parameters.rows() > 1 && observables > 1) shape.insert(shape.begin() + 1, 1);
    if (parameters.rows() == 1 && columns.empty()) shape = {0};
    return ndarray_to_json(NdArray::of_doubles(shape, values));
}

/// Pauli string, highest qubit left, to coefficient.
json write_observable(const circuit::Observable& observable, std::uint32_t qubits) {
    json written = json::object();
    for (const auto& term : observable.terms) {
        std::string paulis(qubits, 'I');
        for (const auto& [qubit, pauli] : term.paulis)
            paulis[qubits - 1 - qubit] = "IXYZ"[static_cast<std::size_t>(pauli)];
        double& coefficient = written.emplace(paulis, 0.0).first->get_ref<double&>();
        coefficient += term.coefficient;
    }
    return written;
}

json write_pub(const backend::SamplerPub& pub, const JobRequest& request, const CheckedOptions& options,
               std::uint32_t device_qubits) {
    const Written circuit = write_circuit(*pub.circuit, device_qubits);
    json shots = nullptr;
    if (pub.shots || !has_default_shots(options)) shots = shots_of(pub.shots, request, options);
    return json::array({circuit.text, write_parameters(pub.parameters, circuit.columns, 0), shots});
}

json write_pub(const backend::EstimatorPub& pub, const JobRequest& request, const CheckedOptions& options,
               std::uint32_t device_qubits) {
    const Written circuit = write_circuit(*pub.circuit, device_qubits);
    json observables = json::array(), precision = nullptr;
    for (const circuit::Observable& observable : pub.observables)
        observables.push_back(write_observable(observable, device_qubits));
    if (pub.shots || !has_default_shots(options))
        precision = precision_of(shots_of(pub.shots, request, options));
    return json::array({circuit.text, observables,
                        write_parameters(pub.parameters, circuit.columns, pub.observables.size()),
                        precision});
}

}  // namespace

double precision_of(std::uint64_t shots) {
    const auto wanted = static_cast<double>(shots);
    double precision = 1.0 / std::sqrt(wanted);
    while (std::ceil(1.0 / (precision * precision)) > wanted)
        precision = std::nextafter(precision, std::numeric_limits<double>::infinity());
    return precision;
}

std::string write_request(const JobRequest& request, const CheckedOptions& options,
                          std::uint32_t device_qubits) {
    json pubs = json::array();
    std::visit(
        [&](const auto& all) {
            for (const auto& pub : all) pubs.push_back(write_pub(pub, request, options, device_qubits));
        },
        request.pubs);
    json params{
        {"pubs", std::move(pubs)}, {"options", options.inside}, {"version", 2}, {"support_qiskit", true}};
    if (options.resilience_level) params["resilience_level"] = *options.resilience_level;
    json body{{"program_id", options.is_estimator ? "estimator" : "sampler"},
              {"backend", request.device},
              {"params", std::move(params)},
              {"log_level", options.log_level}};
    // Absent rather than null: the service refuses some nulls.
    std::vector<std::string> tags = request.tags;
    for (const std::string& tag : options.tags)
        if (std::find(tags.begin(), tags.end(), tag) == tags.end()) tags.push_back(tag);
    check_tags(tags);
    if (!tags.empty()) body["tags"] = tags;
    if (request.session) body["session_id"] = *request.session;
    if (request.is_private || options.is_private) body["private"] = true;
    if (request.max_execution_seconds)
        body["cost"] = static_cast<std::int64_t>(std::ceil(*request.max_execution_seconds));
    else if (options.max_execution_seconds)
        body["cost"] = *options.max_execution_seconds;
    if (request.calibration_id) body["calibration_id"] = *request.calibration_id;
    if (!options.image.empty()) body["runtime"] = options.image;
    return to_text(body);
}

std::string with_key(const std::string& content, const std::string& key) {
    json body = parse_json(content, "the request");
    std::vector<std::string> tags;
    if (body.contains("tags")) tags = JsonView(body, "request").at("tags").texts();
    tags.push_back(key);
    check_tags(tags);
    body["tags"] = tags;
    return to_text(body);
}

}  // namespace qdcnn::vendors::ibm
