#include "run/late_service.h"

#include "qdcnn/base/error.h"
#include "qdcnn/vendors/registry.h"

namespace qdcnn::run {

vendors::Service& LateService::opened() const {
    const std::lock_guard lock(mutex_);
    if (!service_) service_ = open_();
    return *service_;
}

vendors::JobResult LateService::decode(const std::string& raw, const std::string& content) const {
    vendors::Service* service = nullptr;
    try {
        service = &opened();
    } catch (const Error&) {
        for (const vendors::VendorRow& row : vendors::vendor_rows())
            if (row.name == vendor_) return row.decode(raw, content);
        throw;
    }
    return service->decode(raw, content);
}

}  // namespace qdcnn::run
