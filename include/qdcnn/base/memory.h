#pragma once

#include <cstdint>
#include <string>

namespace qdcnn {

/// Bytes that can be taken without swapping: the kernel's MemAvailable, less where the process's control
/// group (version 2, with those above it) or what is left of RLIMIT_AS allows less.
std::uint64_t available_memory();

/// Throws Error(out_of_memory) saying how much `what` needs and how much there is, before anything is
/// allocated.
void require_memory(std::uint64_t bytes, const std::string& what);

}  // namespace qdcnn
