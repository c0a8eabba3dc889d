#include "qdcnn/run/sweep.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "qdcnn/base/error.h"
#include "qdcnn/base/interrupt.h"
#include "qdcnn/base/suggest.h"
#include "qdcnn/run/open_backend.h"
#include "qdcnn/sim/channels.h"
#include "qdcnn/sim/density_matrix.h"
#include "qdcnn/sim/local_backend.h"
#include "qdcnn/sim/noise_model.h"

namespace qdcnn::run {
namespace {

const sim::ChannelRow& swept_channel(const std::string& name) {
    std::vector<std::string> known;
    for (const sim::ChannelRow& row : sim::channel_table()) {
        const bool fits = row.qubits == 1 && row.parameters.size() == 1;
        if (fits && row.name == name) return row;
        if (fits) known.emplace_back(row.name);
    }
    throw Error(ErrorKind::invalid_input,
                fmt::format("\"{}\" is no channel of one qubit and one parameter", name),
                suggestion(name, known));
}

/// The channel after every gate, on each of its qubits.
sim::NoiseModel channel_everywhere(const sim::ChannelRow& row, double rate) {
    const sim::Channel channel = sim::Channel::of(row.id, {rate});
    sim::NoiseModel noise;
    for (const circuit::GateRow& gate : circuit::gate_table()) {
        sim::GateError error(gate.qubits);
        for (int position = 0; position < gate.qubits; ++position)
            error.add(channel, {static_cast<std::uint8_t>(position)});
        noise.add_error(std::string(gate.name), error);
    }
    return noise;
}

std::unique_ptr<backend::Backend> backend_at(const NoiseAxis& axis, double scale, std::uint64_t seed) {
    if (axis.channel.empty())
        return open_backend("local:" + axis.target,
                            {.noise_scale = scale, .transpile = {.level = 1, .seed = seed}});
    auto simulator = sim::make_noisy_simulator(channel_everywhere(swept_channel(axis.channel), scale));
    return sim::make_local_backend(std::move(simulator), fmt::format("{} {}", axis.channel, scale));
}

}  // namespace

std::vector<SweepPoint> sweep(const model::Model& model, const text::Dataset& data,
                              const SweepRequest& request,
                              const std::function<void(std::size_t, std::size_t)>& progress) {
    if (request.axis.target.empty() == request.axis.channel.empty())
        throw Error(ErrorKind::invalid_input, "a sweep takes a target or a channel, one of the two");
    const std::size_t total = request.scales.size() * request.seeds;
    std::vector<SweepPoint> points;
    for (const double scale : request.scales) {
        SweepPoint point{.scale = scale, .interval = {}, .seeds = request.seeds};
        double right = 0;
        std::size_t sentences = 0;
        for (std::size_t repeat = 0; repeat < request.seeds; ++repeat) {
            interrupt().throw_if_interrupted();
            const std::uint64_t seed = request.seed + repeat;
            const auto backend = backend_at(request.axis, scale, seed);
            const model::Evaluation evaluation =
                model::evaluate(model, *backend, data, {.shots = request.shots, .seed = seed});
            sentences = evaluation.n;
            right += evaluation.accuracy * static_cast<double>(evaluation.n);
            point.margin += evaluation.margin / static_cast<double>(request.seeds);
            if (progress) progress(points.size() * request.seeds + repeat + 1, total);
        }
        const double mean_right = right / static_cast<double>(request.seeds);
        point.accuracy = mean_right / static_cast<double>(sentences);
        point.interval = model::wilson_interval(mean_right, sentences);
        points.push_back(point);
    }
    return points;
}

}  // namespace qdcnn::run
