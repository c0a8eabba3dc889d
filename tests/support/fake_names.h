#pragma once

#include <string>

namespace qdcnn::test {

/// What this process's name look-ups find. A test program that calls one of these asks no name server at all:
/// names not set here are unknown. The name is 127.0.0.1.
void name_is_here(const std::string& name);
/// Whoever asks for the name waits this long and then learns that there is no answer.
void name_stalls(const std::string& name, int milliseconds);

}  // namespace qdcnn::test
