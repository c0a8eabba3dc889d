#pragma once

#include "qdcnn/vendors/ibm/service.h"
#include "vendors/ibm/client.h"
#include "vendors/ibm/devices.h"

namespace qdcnn::vendors::ibm {

SessionInfo read_session(const JsonView& session);

/// Sessions and batches of all instances.
class Sessions {
  public:
    /// All outlive this.
    Sessions(Client& client, Instances& instances, Devices& devices)
        : client_(client), instances_(instances), devices_(devices) {}

    SessionInfo open(const std::string& device, SessionMode mode, std::optional<std::uint64_t> max_seconds);
    SessionInfo get(const std::string& id);
    void close(const std::string& id);
    void cancel(const std::string& id);

  private:
    /// To the instance that has it, asked one after the other; the last reply may be 404.
    http::Response send(const std::string& id, Call call);

    Client& client_;
    Instances& instances_;
    Devices& devices_;
};

}  // namespace qdcnn::vendors::ibm
