// CPU time of one epoch of the staged model's circuits (shape of RP) through Differentiable, and of wide
// gradients.
#include <cstdio>
#include <ctime>
#include <memory>
#include <string>

#include "qdcnn/base/random.h"
#include "qdcnn/sim/local_backend.h"
#include "qdcnn/sim/statevector.h"

using namespace qdcnn;
using namespace qdcnn::circuit;
using backend::ParameterMatrix;

namespace {

double cpu_seconds() {
    timespec now{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

/// One layer of the model: a template, its rows in a batch, how many of its parameters are shared.
struct Layer {
    std::string name;
    std::unique_ptr<backend::Differentiable> tape;
    ParameterMatrix parameters;
    std::size_t observables, wrt;
    std::vector<double> values, cotangent, gradient;

    Layer(std::string title, backend::Backend& backend, Circuit circuit, std::size_t rows,
          std::size_t varying, std::size_t z, bool data)
        : name(std::move(title)), parameters(rows, circuit.parameters().size()), observables(z) {
        Random random(1);
        for (std::size_t row = 0; row < rows; ++row)
            for (std::size_t k = 0; k < parameters.columns(); ++k)
                parameters(row, k) = k < varying || row == 0 ? random.uniform(0, 3) : parameters(0, k);
        std::vector<ParameterIndex> want;
        for (std::size_t k = data ? varying : 0; k < parameters.columns(); ++k)
            want.push_back(static_cast<ParameterIndex>(k));
        std::vector<Observable> observed;
        for (Qubit q = 0; q < z; ++q) observed.push_back(Observable::z(q));
        wrt = want.size();
        tape = backend.differentiable(std::make_shared<const Circuit>(circuit), observed, want);
        values.resize(rows * z);
        cotangent.assign(rows * z, 0.3);
        gradient.resize(rows * wrt);
    }
    void step() {
        tape->forward(parameters, values);
        tape->backward(cotangent, gradient);
    }
};

Circuit embedding(bool sentence) {
    Circuit c(7);
    std::vector<Qubit> all{0, 1, 2, 3, 4, 5, 6};
    if (sentence) {
        std::vector<Angle> amplitudes;
        for (int k = 0; k < 128; ++k) amplitudes.push_back(c.parameter("a" + std::to_string(k)));
        c.prepare(all, amplitudes);
    } else {
        for (const Qubit q : all) c.ry(c.parameter("x" + std::to_string(q)), q);
    }
    for (const Qubit q : all) c.h(q);
    for (Qubit l = 0; l < 5; ++l) {
        for (const Qubit q : all) c.ry(c.parameter("w" + std::to_string(l * 7 + q)), q);
        for (const Qubit q : all) c.cx(q, (q + l + 1) % 7);
    }
    return c;
}

Circuit convolution() {
    Circuit c(3);
    for (Qubit q = 0; q < 3; ++q) c.h(q).ry(c.parameter("x" + std::to_string(q)), q);
    for (Qubit d = 0; d < 2; ++d) {
        c.cx(0, 1).cx(1, 2);
        for (Qubit q = 0; q < 3; ++q) c.ry(c.parameter("p" + std::to_string(3 * d + q)), q);
    }
    return c;
}

Circuit linear() {
    Circuit c(7);
    for (Qubit q = 0; q < 7; ++q) c.ry(c.parameter("x" + std::to_string(q)), q);
    for (Qubit i = 0; i <= 7; ++i) c.ry(c.parameter("p" + std::to_string(i)), i % 7).cx(i % 7, (i + 2) % 7);
    return c;
}

}  // namespace

int main() {
    const auto backend = sim::make_local_backend();
    std::vector<Layer> layers;
    layers.emplace_back("word, 15 rows", *backend, embedding(false), 15, 7, 7, true);
    layers.emplace_back("sentence, 6 rows", *backend, embedding(true), 6, 128, 7, true);
    layers.emplace_back("conv 1, 126 rows", *backend, convolution(), 126, 3, 3, false);
    layers.emplace_back("conv 2, 42 rows", *backend, convolution(), 42, 3, 3, false);
    layers.emplace_back("linear, 6 rows", *backend, linear(), 6, 7, 2, false);
    constexpr int kBatches = 13, kRepeats = 200;
    double total = 0;
    for (Layer& layer : layers) {
        for (int i = 0; i < 20; ++i) layer.step();
        const double start = cpu_seconds();
        for (int i = 0; i < kBatches * kRepeats; ++i) layer.step();
        const double epoch = (cpu_seconds() - start) / kRepeats;
        total += epoch;
        std::printf("%-18s %8.3f ms an epoch\n", layer.name.c_str(), 1e3 * epoch);
    }
    std::printf("%-18s %8.3f ms an epoch of 13 batches, forward and backward; goal: far below 10 ms\n", "all",
                1e3 * total);

    for (const Qubit n : {Qubit{16}, Qubit{20}}) {
        Circuit c(n);
        for (int l = 0; l < 6; ++l) {
            for (Qubit q = 0; q < n; ++q)
                c.ry(c.parameter("t" + std::to_string(l * 64 + static_cast<int>(q))), q);
            for (Qubit q = l % 2; q + 1 < n; q += 2) c.cx(q, q + 1);
        }
        Observable sum;
        for (Qubit q = 0; q < n; ++q) sum.terms.push_back({1.0, {{q, Pauli::z}}});
        std::vector<ParameterIndex> wrt;
        for (ParameterIndex k = 0; k < c.parameters().size(); ++k) wrt.push_back(k);
        const auto tape = backend->differentiable(std::make_shared<const Circuit>(c), {sum}, wrt);
        const ParameterMatrix parameters(std::vector<double>(wrt.size(), 0.3));
        std::vector<double> value(1), one(1, 1.0), gradient(wrt.size());
        double start = cpu_seconds();
        tape->forward(parameters, value);
        const double forward = cpu_seconds() - start;
        start = cpu_seconds();
        tape->backward(one, gradient);
        std::printf("n=%u, %zu RY + CX: forward %.1f ms, gradient %.1f ms more\n", n, wrt.size(),
                    1e3 * forward, 1e3 * (cpu_seconds() - start));
    }
    return 0;
}
