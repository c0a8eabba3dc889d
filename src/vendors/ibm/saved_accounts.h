#pragma once

#include <string>

#include "qdcnn/accounts/secret_store.h"
#include "qdcnn/vendors/ibm/account.h"

namespace qdcnn::vendors::ibm {

/// Throws Error(invalid_input) when it is neither "ibm_quantum_platform" nor "ibm_cloud". `place` begins the
/// message.
void check_channel(const std::string& channel, const std::string& place);

/// What `qdcnn auth login ibm` keeps: the secret "token"; the facts instance, region, url, channel and
/// ca_file of one value, plans and tags of many. Throws Error(invalid_input) naming the file and the key.
Account account_of(const accounts::StoredAccount& stored, const std::string& file_name);

/// A sentence where others can read the file; else empty.
std::string warning_of_mode(const std::string& file_name);

}  // namespace qdcnn::vendors::ibm
