#pragma once

#include <cstdint>
#include <limits>
#include <unordered_map>
#include <vector>

#include "one_qubit_run.h"
#include "qdcnn/target/target.h"
#include "weyl.h"

namespace qdcnn::transpile {

/// A native two-qubit gate on a pair, in the direction in which it is available there.
struct PairGate {
    const target::NativeGate* native = nullptr;
    Qubit from = 0, to = 0;
    /// -ln(1 - error), and a little that prefers fewer gates where errors are unknown; infinite without a
    /// gate.
    double cost = std::numeric_limits<double>::infinity();

    explicit operator bool() const { return native != nullptr; }
};

/// The cheapest gates of each kind on a pair.
struct PairNatives {
    /// Locally equal to rzz(pi/2): cx, cz, ecr, or a rotation that takes this angle.
    PairGate quarter;
    PairGate iswap;
    PairGate swap;
    /// rzz, rxx, ms: locally equal to rzz of their own angle.
    std::vector<PairGate> rotations;

    /// Whether some rotation takes every angle, so symbolic ones too.
    const PairGate* any_angle() const;
};

/// What a target has on its pairs, looked up once each.
class PairCatalogue {
  public:
    explicit PairCatalogue(const target::Target& target) : target_(target) {}

    const target::Target& target() const { return target_; }
    /// Throws Error(unsupported) when nothing there entangles that circuits can be translated to.
    const PairNatives& of(Qubit a, Qubit b);

  private:
    const target::Target& target_;
    std::unordered_map<std::uint64_t, PairNatives> known_;
};

/// The kinds of gates a target has, on qubits 0 and 1, each at the cost 1: for choices before the edge is
/// known.
PairNatives typical_natives(const target::Target& target);

/// How a two-qubit unitary is made on a pair: the cheapest of
///     axes:     one rotation for each coordinate that is not 0, or as many quarters as it takes,
///     quarters: the 0 to 3 of the Weyl class (Vatan, Williams, Phys. Rev. A 69, 032315 (2004)), each a
///               quarter, or an iSWAP, for iSWAP = SWAP CZ (S x S): an odd number of them makes SWAP times
///               the unitary,
/// either of them with a native SWAP behind it.
struct PairPlan {
    bool by_axes = false;
    bool is_mirrored = false;
    bool ends_in_swap = false;
    int quarters = 0;
    int iswaps = 0;
    /// Native two-qubit gates.
    int uses = 0;
    double cost = std::numeric_limits<double>::infinity();
};

/// The fewest quarters (cx, cz, ecr) for a unitary of these coordinates: 0 to 3.
int quarters_of(const Weyl& weyl);
/// The fewest rzz of any angle: as many as coordinates are not 0.
int rotations_of(const Weyl& weyl);

PairPlan plan_pair(const Weyl& weyl, const PairNatives& natives);

/// Appends the unitary on (a, b), its first qubit on a (a negative x with y = z = 0 is taken too), as native
/// two-qubit gates between one-qubit gates of any kind. plan: of the same unitary and pair.
void synthesise_pair(const Weyl& weyl, const PairPlan& plan, const PairNatives& natives, Qubit a, Qubit b,
                     std::vector<Operation>& out);

/// rzz(angle), symbolic, by one rotation that takes every angle.
void append_rotation(const PairGate& gate, const Angle& angle, std::vector<Operation>& out);

}  // namespace qdcnn::transpile
