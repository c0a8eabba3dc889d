#pragma once

#include "qdcnn/circuit/circuit.h"
#include "qdcnn/run/study.h"
#include "qdcnn/target/target.h"

namespace qdcnn::run {

/// Seconds from the first to the last operation of a circuit of native gates on physical qubits, each as
/// early as its qubits and bits allow. A branch takes its longer arm, a loop one turn, a reset without a
/// figure as long as a read-out. Names of operations without a
/// duration are added to `missing`, each once; they count nothing.
double seconds_of(const circuit::Circuit& circuit, const target::Target& target,
                  std::vector<std::string>& missing);

/// The circuits of one sentence, transpiled at level 1, all qubits read out at the end.
class DeviceCounter {
  public:
    explicit DeviceCounter(const std::string& device);

    /// A circuit of the round without amplitudes, run so often.
    void add(const circuit::Circuit& circuit, std::size_t times);
    /// The circuits that follow wait for those so far.
    void end_round();
    StudyDeviceFacts facts() const;
    bool is_dynamic() const { return target_.is_dynamic(); }

  private:
    target::Target target_;
    StudyDeviceFacts facts_;
    std::size_t deepest_ = 0;
};

}  // namespace qdcnn::run
