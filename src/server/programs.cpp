#include "programs.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <set>

#include "arrays.h"
#include "message.h"
#include "options.h"
#include "qdcnn/base/error.h"
#include "qdcnn/qasm/reader.h"
#include "qdcnn/transpile/validate.h"
#include "qdcnn/vendors/ibm/results.h"
#include "qdcnn/vendors/ibm/typed_json.h"

// IBM Quantum Runtime: programs "sampler" and "estimator", version 2.

namespace qdcnn::server {
namespace {

using circuit::Circuit;
using nlohmann::json;

constexpr std::uint64_t kDefaultShots = 4096;
constexpr double kDefaultPrecision = 0.015625;

/// What the job says of all its PUBs.
struct Defaults {
    std::uint64_t shots = kDefaultShots;
    std::uint64_t seed = 0;
    bool is_typed = false;
};

std::uint64_t shots_for(const JsonView& precision) {
    const double value = precision.number();
    if (!(value > 0)) precision.fail(fmt::format("{} is no precision, expected more than 0", value));
    // 1 / sqrt(N) of the sender means N shots, whatever the rounding.
    return static_cast<std::uint64_t>(std::ceil(1 / (value * value) * (1 - 1e-9)));
}

bool has_value(const JsonView& object, const std::string& key) {
    return object.value().is_object() && object.has(key) && !object.at(key).value().is_null();
}

std::optional<JsonView> option(const JsonView& params, const std::string& group, const std::string& key) {
    if (!has_value(params, "options")) return std::nullopt;
    const JsonView options = params.at("options");
    if (group.empty()) return has_value(options, key) ? std::optional(options.at(key)) : std::nullopt;
    if (!has_value(options, group) || !has_value(options.at(group), key)) return std::nullopt;
    return options.at(group).at(key);
}

std::uint64_t positive(const JsonView& value) {
    const std::int64_t number = value.integer();
    if (number < 1) value.fail(fmt::format("{} is too few, expected 1 or more", number));
    return static_cast<std::uint64_t>(number);
}

Defaults read_defaults(const std::string& program, const JsonView& params, std::uint64_t seed) {
    Defaults defaults{.seed = seed, .is_typed = params.boolean_or("support_qiskit", false)};
    if (const auto own = option(params, "simulator", "seed_simulator"))
        defaults.seed = static_cast<std::uint64_t>(own->integer());
    if (program == "estimator") {
        if (const auto own = option(params, "", "seed_estimator"))
            defaults.seed = static_cast<std::uint64_t>(own->integer());
        if (has_value(params, "precision"))
            defaults.shots = shots_for(params.at("precision"));
        else if (const auto shots = option(params, "", "default_shots"))
            defaults.shots = positive(*shots);
        else if (const auto precision = option(params, "", "default_precision"))
            defaults.shots = shots_for(*precision);
        else
            defaults.shots = static_cast<std::uint64_t>(1 / (kDefaultPrecision * kDefaultPrecision));
    } else {
        if (has_value(params, "shots"))
            defaults.shots = positive(params.at("shots"));
        else if (const auto shots = option(params, "", "default_shots"))
            defaults.shots = positive(*shots);
    }
    return defaults;
}

/// Reads circuits; the same text is read once.
class CircuitReader {
  public:
    explicit CircuitReader(const target::Target& target) : target_(target) {}

    std::shared_ptr<const Circuit> read(const JsonView& place) {
        if (!vendors::ibm::type_of(place).empty())
            throw Error(ErrorKind::unsupported,
                        place.path() + ": the circuit is in QPY, which this server does not read",
                        "QPY is later work. Send the circuit as OpenQASM 3 text.");
        const std::string text = place.text();
        auto& known = known_[text];
        if (!known) known = checked(qasm::read_qasm(text, place.path(), kOptions), place);
        return known;
    }

  private:
    /// What a stranger's text may ask of this machine. It reads no files.
    static constexpr qasm::ReadOptions kOptions{
        .max_qubits = 10'000, .max_clbits = 10'000, .read_includes = false};

    std::shared_ptr<const Circuit> checked(Circuit circuit, const JsonView& place) const {
        const auto problems = transpile::find_illegal(circuit, target_);
        if (!problems.empty())
            place.fail(
                fmt::format("the circuit is no ISA circuit of {}: {}", target_.name, problems.front()));
        return std::make_shared<const Circuit>(std::move(circuit));
    }

    const target::Target& target_;
    std::map<std::string, std::shared_ptr<const Circuit>> known_;
};

/// Counts executions against the limits and keeps what metrics tell of circuits.
class Meter {
  public:
    Meter(const Limits& limits, ProgramOutcome& outcome) : limits_(limits), outcome_(outcome) {}

    void add(const JsonView& place, const Circuit& circuit, std::size_t rows, std::uint64_t shots) {
        if (shots > limits_.max_shots)
            place.fail(fmt::format("{} shots, the device takes {}", shots, limits_.max_shots));
        outcome_.executions += rows * shots;
        if (outcome_.executions > limits_.max_executions)
            place.fail(fmt::format("{} executions with the PUBs before, the device takes {}",
                                   outcome_.executions, limits_.max_executions));
        outcome_.qubits.push_back(circuit.num_qubits());
        outcome_.depths.push_back(circuit::metrics(circuit).depth);
    }

  private:
    const Limits& limits_;
    ProgramOutcome& outcome_;
};

/// Element k of a PUB; a JSON null where it is left out.
JsonView element(const JsonView& pub, std::size_t k) {
    static const json kNull;
    return k < pub.size() ? pub.at(k) : JsonView(kNull, fmt::format("{}[{}]", pub.path(), k));
}

void check_length(const JsonView& pub, std::size_t least, std::size_t most) {
    if (pub.size() < least || pub.size() > most)
        pub.fail(fmt::format("a PUB of {} elements, expected {} to {}", pub.size(), least, most));
}

void run_sampler(const JsonView& params, const Device& device, const Limits& limits, const Defaults& defaults,
                 ProgramOutcome& outcome) {
    if (const auto type = option(params, "execution", "meas_type"); type && type->text() != "classified")
        throw Error(ErrorKind::unsupported,
                    type->path() + ": this server measures \"classified\", not \"" + type->text() + "\"");
    CircuitReader reader(device.target());
    Meter meter(limits, outcome);
    std::vector<backend::SamplerPub> pubs;
    std::vector<vendors::ibm::PubAxes> axes;
    for (const JsonView& pub : params.at("pubs").elements()) {
        check_length(pub, 1, 3);
        const auto circuit = reader.read(pub.at(0));
        if (circuit->num_clbits() == 0) pub.at(0).fail("the circuit measures nothing");
        Bindings bindings = read_bindings(element(pub, 1), *circuit);
        const JsonView own = element(pub, 2);
        const std::uint64_t shots = own.value().is_null() ? defaults.shots : positive(own);
        meter.add(pub, *circuit, bindings.rows.rows(), shots);
        axes.push_back(bindings.shape);
        pubs.push_back({circuit, std::move(bindings.rows), shots});
    }
    const auto result = device.simulator().run(std::move(pubs), {defaults.shots, defaults.seed})->result();
    outcome.result = vendors::ibm::encode_results(result, axes, defaults.is_typed);
}

/// One PUB of the wire as PUBs of the simulator, which knows rows times observables only.
struct EstimatorPart {
    Shape shape;
    std::vector<backend::EstimatorPub> pubs;
    /// For each element of `shape`: which PUB, row and observable it is.
    struct Source {
        std::size_t pub, row, observable;
    };
    std::vector<Source> sources;
};

EstimatorPart split(const std::shared_ptr<const Circuit>& circuit, const Bindings& bindings,
                    const Observables& observables, const Shape& shape, std::uint64_t shots) {
    EstimatorPart part{.shape = shape, .pubs = {}, .sources = {}};
    const std::size_t elements = size_of(shape), rows = bindings.rows.rows();
    if (elements == rows * observables.elements.size()) {
        part.pubs.push_back({circuit, observables.elements, bindings.rows, shots});
        for (std::size_t k = 0; k < elements; ++k)
            part.sources.push_back(
                {0, element_at(bindings.shape, shape, k), element_at(observables.shape, shape, k)});
        return part;
    }
    // Each row with those observables that it is paired with.
    for (std::size_t row = 0; row < rows; ++row) {
        const auto values = bindings.rows.row(row);
        part.pubs.push_back(
            {circuit, {}, backend::ParameterMatrix(std::vector(values.begin(), values.end())), shots});
    }
    for (std::size_t k = 0; k < elements; ++k) {
        const std::size_t row = element_at(bindings.shape, shape, k);
        auto& own = part.pubs[row].observables;
        part.sources.push_back({row, 0, own.size()});
        own.push_back(observables.elements[element_at(observables.shape, shape, k)]);
    }
    return part;
}

void run_estimator(const JsonView& params, const Device& device, const Limits& limits,
                   const Defaults& defaults, ProgramOutcome& outcome) {
    CircuitReader reader(device.target());
    Meter meter(limits, outcome);
    std::vector<EstimatorPart> parts;
    std::vector<backend::EstimatorPub> pubs;
    for (const JsonView& pub : params.at("pubs").elements()) {
        check_length(pub, 2, 4);
        const auto circuit = reader.read(pub.at(0));
        const Observables observables = read_observables(pub.at(1), circuit->num_qubits());
        const Bindings bindings = read_bindings(element(pub, 2), *circuit);
        const auto shape = broadcast(observables.shape, bindings.shape);
        if (!shape)
            pub.fail(fmt::format("observables of shape {} do not fit parameters of shape {}",
                                 to_string(observables.shape), to_string(bindings.shape)));
        const JsonView own = element(pub, 3);
        const std::uint64_t shots = own.value().is_null() ? defaults.shots : shots_for(own);
        meter.add(pub, *circuit, bindings.rows.rows(), shots);
        parts.push_back(split(circuit, bindings, observables, *shape, shots));
        pubs.insert(pubs.end(), parts.back().pubs.begin(), parts.back().pubs.end());
    }
    const auto result = device.simulator().run(std::move(pubs), {defaults.shots, defaults.seed})->result();
    backend::EstimatorResult joined;
    std::vector<vendors::ibm::PubAxes> axes;
    std::size_t first = 0;
    for (const EstimatorPart& part : parts) {
        backend::EstimatorPubResult values{
            .rows = part.sources.size(), .observables = 1, .values = {}, .deviations = {}};
        for (const auto& [pub, row, observable] : part.sources) {
            values.values.push_back(result[first + pub].value(row, observable));
            values.deviations.push_back(result[first + pub].deviation(row, observable));
        }
        first += part.pubs.size();
        axes.push_back(part.shape);
        joined.pubs.push_back(std::move(values));
    }
    outcome.result = vendors::ibm::encode_results(joined, axes, defaults.is_typed);
}

void check_form(const std::string& program, const JsonView& params, const Limits& limits) {
    static const std::set<std::string> kKeys{"pubs", "options", "version", "support_qiskit"};
    const std::string own = program == "sampler" ? "shots" : "precision";
    for (const std::string& key : params.keys())
        if (kKeys.count(key) == 0 && key != own && !(program == "estimator" && key == "resilience_level"))
            params.fail(fmt::format("there is no parameter \"{}\"", key));
    if (params.has("version") && params.at("version").integer() != 2) params.at("version").fail("expected 2");
    if (has_value(params, "resilience_level")) {
        const std::int64_t level = params.at("resilience_level").integer();
        if (level < 0 || level > 2) params.at("resilience_level").fail("expected 0, 1 or 2");
    }
    if (has_value(params, "options")) check_options(program, params.at("options"));
    const Defaults defaults = read_defaults(program, params, 0);
    if (defaults.shots > limits.max_shots)
        params.fail(fmt::format("{} shots, the device takes {}", defaults.shots, limits.max_shots));
    const JsonView pubs = params.at("pubs");
    if (pubs.size() == 0) pubs.fail("there is no PUB");
    if (pubs.size() > limits.max_pubs)
        pubs.fail(fmt::format("{} PUBs, the service takes {}", pubs.size(), limits.max_pubs));
}

}  // namespace

void check_params(const std::string& program, const json& params, const Limits& limits) {
    if (program != "sampler" && program != "estimator")
        refuse(404, code::kProgramNotFound, fmt::format("Program {} not found.", program),
               "This server runs sampler and estimator.");
    try {
        check_form(program, JsonView(params, "params"), limits);
    } catch (const Error& error) {
        refuse(400, code::kBadRequest, error.what(), error.hint());
    }
}

ProgramOutcome run_program(const std::string& program, const json& params, const Device& device,
                           const Limits& limits, std::uint64_t seed) {
    const JsonView view(params, "params");
    const Defaults defaults = read_defaults(program, view, seed);
    ProgramOutcome outcome;
    if (program == "sampler")
        run_sampler(view, device, limits, defaults, outcome);
    else
        run_estimator(view, device, limits, defaults, outcome);
    return outcome;
}

}  // namespace qdcnn::server
