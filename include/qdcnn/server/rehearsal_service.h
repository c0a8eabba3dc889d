#pragma once

#include <memory>
#include <string>

#include "qdcnn/server/rehearsal.h"
#include "qdcnn/vendors/service.h"

namespace qdcnn::server {

/// The vendor "rehearsal": the vendor ibm on the rehearsal server of the settings' folder, which is started
/// when it does not run and something is asked of it. Its quotes are of 0, for nothing is paid. An empty
/// state_folder: $XDG_STATE_HOME/qdcnn/rehearsal, or ~/.local/state/qdcnn/rehearsal. As a run::ServiceOpener:
///
///     [](const std::string&) { return server::open_rehearsal(); }
///
/// What asks the server throws what ensure_rehearsal throws.
std::shared_ptr<vendors::Service> open_rehearsal(RehearsalSettings settings = {});

}  // namespace qdcnn::server
