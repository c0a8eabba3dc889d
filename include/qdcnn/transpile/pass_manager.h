#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "qdcnn/base/random.h"
#include "qdcnn/circuit/circuit.h"
#include "qdcnn/target/target.h"
#include "qdcnn/transpile/readout.h"

namespace qdcnn::transpile {

using circuit::Qubit;

class DeviceModel;

struct Options {
    /// 0 to 3, see preset_pass_manager.
    int level = 1;
    /// Same seed, same circuit out.
    std::uint64_t seed = 0;
    /// initial_layout[v]: the physical qubit on which virtual qubit v has to start. One entry a qubit, all
    /// different.
    std::optional<std::vector<Qubit>> initial_layout;
    /// Seconds of wall time after which no further trial starts; the best result so far is taken. The first
    /// trial always ends.
    std::optional<double> time_limit;
    /// Trials of layouts that run at once. The result is the same for any number.
    int threads = 1;
    /// Measurement-aware mode, for circuits that end in read-outs: the result is equal in what the read-outs
    /// tell, which Result::readout recovers, and no longer as a unitary.
    ReadoutFolding readout_folding = ReadoutFolding::off;
    /// Whether Result::trace is kept. It takes time of its own, so cpu_seconds grows by it.
    bool keeps_trace = false;
};

/// What one pass did.
struct PassTrace {
    std::string name;
    circuit::CircuitMetrics before, after;
    /// CPU time of the calling thread.
    double seconds = 0;
};

struct Result {
    /// As wide as the device, index = physical qubit; one register "q"; classical registers and parameters
    /// are those of the input. Equal to the input up to layout and global phase. With a readout: classical
    /// registers are those that are read on the way, and "m" for the last read-outs.
    circuit::Circuit circuit;
    /// Where each virtual qubit starts and ends.
    std::vector<Qubit> initial_layout;
    std::vector<Qubit> final_layout;
    /// Swaps the router put in.
    std::size_t swaps = 0;
    /// Sum of ln(1 - error) over gates, those in every branch, and read-outs; nothing when no figure is
    /// known.
    std::optional<double> log_success;
    /// In measurement-aware mode, when the read-out or the classical bits were changed.
    std::optional<ReadoutMap> readout;
    /// Empty unless asked for: the passes that led to this circuit, in order. Where passes worked on two
    /// forms of the circuit, one row more tells what became of the form that was not taken.
    std::vector<PassTrace> trace;
    /// CPU time of the passes, of the calling thread.
    double cpu_seconds = 0;
};

/// What passes work on. The circuit's qubits are virtual until a routing pass has run, physical from then on.
struct Compilation {
    const target::Target& target;
    const DeviceModel& device;
    const Options& options;
    circuit::Circuit circuit;
    /// Set by a layout pass: place of each virtual qubit at the start.
    std::optional<std::vector<Qubit>> layout;
    /// The layout is the user's, or that of a circuit on physical qubits: no pass moves it.
    bool is_layout_given = false;
    bool is_routed = false;
    /// Qubit v of the input ends on virtual qubit exchanged[v], for passes may rename qubits in place of
    /// swaps; empty: each on its own.
    std::vector<Qubit> exchanged;
    /// `exchanged` behind a pass that left each qubit on place[qubit].
    std::vector<Qubit> exchanged_by(const std::vector<Qubit>& place) const;
    /// What is asked of the circuit's bits, when that is not the bits themselves.
    std::optional<ReadoutMap> readout;
    /// Another form of the circuit that does the same. The manager has the passes that follow work on both
    /// and keeps what they make better: by estimated success, where figures are known, else by two-qubit
    /// gates.
    struct Alternative {
        circuit::Circuit circuit;
        std::vector<Qubit> exchanged;
        std::optional<ReadoutMap> readout = {};
    };
    std::optional<Alternative> alternative;
    /// Valid once routed.
    std::vector<Qubit> initial_layout;
    std::vector<Qubit> final_layout;
    std::size_t swaps = 0;
    std::vector<PassTrace> trace;
    /// Passes draw from random.stream(..), so that one pass does not move another's numbers.
    Random random;
    /// Whether the time limit is over.
    std::function<bool()> out_of_time;
};

/// A named step. Its place in the order is the user's business; what a pass needs is said at its factory in
/// passes.h and missing it is an Error(internal).
struct Pass {
    std::string name;
    std::function<void(Compilation&)> apply;
};

/// Runs passes in order over circuits for one device. Copies share the device's tables; run is const and may
/// be called from several threads.
class PassManager {
  public:
    /// Without passes. Throws Error(unsupported) when the target has no entangling gate.
    PassManager(const target::Target& target, Options options);

    /// Names in order.
    std::vector<std::string> passes() const;
    PassManager& add(Pass pass);
    /// Throws Error(not_found) with "did you mean" when there is no pass `before` / `name`.
    PassManager& insert(const std::string& before, Pass pass);
    PassManager& remove(const std::string& name);

    const Options& options() const { return options_; }
    const target::Target& target() const;

    /// Throws Error(invalid_input): circuit wider than the device, an initial_layout that does not fit; parts
    /// of the device too small. Error(unsupported): a dynamic circuit on a device without the ability,
    /// unbound amplitudes of a Prepare, gates without a way to native ones. Error(cancelled) when
    /// interrupted, asked before every pass and every trial.
    Result run(const circuit::Circuit& circuit) const;
    /// The same when only these parities of the circuit's bits are asked for: what they do not depend on may
    /// go. The result's readout gives them.
    Result run(const circuit::Circuit& circuit, ReadoutMap wanted) const;

  private:
    struct Device;
    Result run_on(const circuit::Circuit& circuit, std::optional<ReadoutMap> wanted) const;
    /// The passes from number `first` on.
    Result finish(Compilation& work, std::size_t first) const;

    std::shared_ptr<const Device> device_;
    Options options_;
    std::vector<Pass> passes_;
};

/// The presets:
///   0  no search and no optimisation: qubit v on physical qubit v, one routing run; one-qubit gates are
///      still merged, for that is how they become native.
///   1  interactions that commuting gates separate merge or cancel, error-aware perfect layout or the best of
///      8 SABRE starts, the routed circuit moved to the best qubits of its shape, swaps joined to the gates
///      before them, runs on one pair resynthesised for their edge.
///   2  the same with 16 starts, 32 trials around the best and larger searches; gates that no outcome depends
///      on dropped, blocks on one pair consolidated once before routing, swaps taken as names.
///   3  the same with 20 starts and 100 trials around the best; blocks consolidated to a fixed point, and the
///      circuit made again from its rotations about Pauli products where that takes fewer gates.
/// options.readout_folding adds fold_readout and feed_forward_controls after the first passes, at every
/// level. options.level is set to `level`. Throws Error(invalid_input): level outside 0 to 3.
PassManager preset_pass_manager(int level, const target::Target& target, Options options = {});

/// preset_pass_manager(options.level, ..).run(circuit)
Result transpile(const circuit::Circuit& circuit, const target::Target& target, const Options& options = {});

/// Sum of ln(1 - error) over native gates and read-outs of a circuit on physical qubits; nothing when the
/// target has no figure for any of them. Virtual gates count nothing, unknown figures count as 0.
std::optional<double> log_success(const circuit::Circuit& circuit, const target::Target& target);

}  // namespace qdcnn::transpile
