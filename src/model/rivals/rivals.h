#pragma once

#include "model/network.h"

namespace qdcnn::model {

// One file each; what a network computes, its source and its number of parameters stand at the head of it.
extern const NetworkKind kLogistic, kLinear, kCosine, kMlp, kCnn, kDepthwiseCnn, kTwin, kQsann, kQmsan, kQrnn,
    kQdconv, kQconv, kQtransformer;

}  // namespace qdcnn::model
