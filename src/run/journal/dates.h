#pragma once

#include <chrono>
#include <string>

namespace qdcnn::run {

using Date = std::chrono::system_clock::time_point;

/// "2026-03-01T12:00:00.000Z": of one length, so that text order is time order.
std::string iso_date(Date date);
/// What iso_date wrote. Throws Error(storage).
Date date_of(const std::string& text);

}  // namespace qdcnn::run
