#pragma once

#include <memory>

#include "qdcnn/model/model.h"

namespace qdcnn::model {

/// `loss` with the gradient of simultaneous perturbation: (L(theta + c d) - L(theta - c d)) / 2 c times d,
/// every entry of d +1 or -1 by chance; two losses, however many parameters. It asks `loss` for values only,
/// so the backend below needs no gradients. c: `perturbation`. Before the first draw, d is that of seed 0.
/// Source: Spall, 1992.
std::unique_ptr<LossFunction> make_spsa_loss(std::unique_ptr<LossFunction> loss, double perturbation);

}  // namespace qdcnn::model
