#include "qdcnn/vendors/service.h"

namespace qdcnn::vendors {

const char* to_string(RemoteState state) {
    switch (state) {
        case RemoteState::queued:
            return "queued";
        case RemoteState::running:
            return "running";
        case RemoteState::done:
            return "done";
        case RemoteState::failed:
            return "failed";
        case RemoteState::cancelled:
            return "cancelled";
    }
    return "";
}

}  // namespace qdcnn::vendors
