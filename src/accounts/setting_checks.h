#pragma once

#include <string>
#include <string_view>

#include "qdcnn/accounts/settings.h"

namespace qdcnn::accounts {

/// The row of that name or nullptr.
const SettingRow* find_row(std::string_view name);

/// The value as it is kept: paths absolute, from `folder` on; all else as it is. Throws Error(invalid_input)
/// saying what the row takes, without a place.
std::string checked_value(const SettingRow& row, const std::string& text, const std::string& folder,
                          const std::string& home);

}  // namespace qdcnn::accounts
