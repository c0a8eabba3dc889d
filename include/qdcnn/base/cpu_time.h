#pragma once

namespace qdcnn {

/// CPU seconds this process has used so far, over all its threads.
double cpu_seconds();
/// Those of the calling thread alone.
double thread_cpu_seconds();

/// Seconds on a clock that only goes forward.
double wall_seconds();

}  // namespace qdcnn
