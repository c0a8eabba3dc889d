#include "qdcnn/vendors/registry.h"

#include <fmt/format.h>

#include <algorithm>

#include "qdcnn/base/error.h"
#include "qdcnn/base/suggest.h"
#include "vendors/ibm/open.h"

namespace qdcnn::vendors {

std::span<const VendorRow> vendor_rows() {
    static const VendorRow rows[]{
        {"ibm", "IBM Quantum", ibm::setting_keys(), ibm::open, ibm::decode},
    };
    return rows;
}

namespace {

const VendorRow& row_of(const std::string& vendor) {
    std::vector<std::string> names;
    for (const VendorRow& row : vendor_rows()) {
        if (row.name == vendor) return row;
        names.emplace_back(row.name);
    }
    throw Error(ErrorKind::not_found, fmt::format("no vendor \"{}\" is known", vendor),
                suggestion(vendor, names));
}

}  // namespace

std::unique_ptr<Service> open_service(const std::string& vendor, const ServiceSettings& settings) {
    const VendorRow& row = row_of(vendor);
    for (const auto& [key, value] : settings.values)
        if (std::find(row.keys.begin(), row.keys.end(), key) == row.keys.end())
            throw Error(ErrorKind::not_found, fmt::format("{} has no setting \"{}\"", row.title, key),
                        suggestion(key, {row.keys.begin(), row.keys.end()}));
    return row.open(settings);
}

JobResult decode_result(const std::string& vendor, const std::string& raw, const std::string& content) {
    return row_of(vendor).decode(raw, content);
}

}  // namespace qdcnn::vendors
