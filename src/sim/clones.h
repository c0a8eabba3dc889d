#pragma once

/// Before a kernel: one binary for several machines. The kernel is compiled for each of these instruction
/// sets, and the loader picks. Not under the sanitizers, whose run-time is not up yet when the loader asks.
/// Files with such kernels are compiled without contraction to fused multiply-adds (src/CMakeLists.txt).
#if defined(__x86_64__) && defined(__gnu_linux__) && !defined(__clang__) && !defined(QDCNN_SANITIZED)
#define QDCNN_CLONES __attribute__((target_clones("avx512f", "avx2,fma", "default")))
#else
#define QDCNN_CLONES
#endif
