#include "vendors/ibm/open.h"

#include <fmt/format.h>

#include <charconv>
#include <cstdlib>

#include "qdcnn/base/error.h"
#include "qdcnn/vendors/ibm/service.h"

namespace qdcnn::vendors::ibm {
namespace {

/// A key, and the variable of IBM's own client that says the same.
struct KeyRow {
    std::string_view key;
    const char* variable;
};

constexpr KeyRow kKeys[] = {
    {"token", "QISKIT_IBM_TOKEN"},
    {"url", "QISKIT_IBM_URL"},
    {"instance", "QISKIT_IBM_INSTANCE"},
    {"channel", "QISKIT_IBM_CHANNEL"},
    {"region", nullptr},
    {"plans", nullptr},
    {"tags", nullptr},
    {"private_endpoint", nullptr},
    {"iam_url", "IAM_URL"},
    {"search_url", "GLOBAL_SEARCH_URL"},
    {"catalog_url", "GLOBAL_CATALOG_URL"},
    {"fractional_gates", nullptr},
    {"mocks", nullptr},
    {"price_per_second", nullptr},
    {"currency", nullptr},
};

class Values {
  public:
    explicit Values(const ServiceSettings& settings) : values_(settings.values) {}

    std::string text(std::string_view key) const {
        if (const auto found = values_.find(std::string(key)); found != values_.end()) return found->second;
        for (const KeyRow& row : kKeys)
            if (row.key == key && row.variable)
                if (const char* value = std::getenv(row.variable)) return value;
        return {};
    }

    /// Separated by commas.
    std::vector<std::string> list(std::string_view key) const {
        const std::string all = text(key);
        std::vector<std::string> parts;
        for (std::size_t start = 0; start < all.size();) {
            const std::size_t end = std::min(all.find(',', start), all.size());
            if (end > start) parts.push_back(all.substr(start, end - start));
            start = end + 1;
        }
        return parts;
    }

    bool flag(std::string_view key) const {
        const std::string value = text(key);
        if (value.empty() || value == "false") return false;
        if (value == "true") return true;
        throw Error(ErrorKind::invalid_input,
                    fmt::format("{} is \"{}\", expected true or false", key, value));
    }

    std::optional<double> number(std::string_view key) const {
        const std::string value = text(key);
        if (value.empty()) return std::nullopt;
        double number = 0;
        const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
        if (error != std::errc{} || end != value.data() + value.size() || !(number >= 0))
            throw Error(ErrorKind::invalid_input,
                        fmt::format("{} is \"{}\", expected a number that is not negative", key, value));
        return number;
    }

  private:
    const std::map<std::string, std::string>& values_;
};

}  // namespace

std::span<const std::string_view> setting_keys() {
    static const auto keys = [] {
        std::vector<std::string_view> all;
        for (const KeyRow& row : kKeys) all.push_back(row.key);
        return all;
    }();
    return keys;
}

std::unique_ptr<Service> open(const ServiceSettings& settings) {
    const Values values(settings);
    Account account{.token = values.text("token"),
                    .url = values.text("url"),
                    .instance = values.text("instance"),
                    .region = values.text("region"),
                    .plans = values.list("plans"),
                    .tags = values.list("tags"),
                    .has_private_endpoint = values.flag("private_endpoint"),
                    .iam_url = values.text("iam_url"),
                    .search_url = values.text("search_url"),
                    .catalog_url = values.text("catalog_url")};
    if (const std::string channel = values.text("channel"); !channel.empty()) account.channel = channel;
    return std::make_unique<RuntimeService>(std::move(account),
                                            Settings{.transport = settings.transport,
                                                     .clock = settings.clock,
                                                     .seed = settings.seed,
                                                     .has_fractional_gates = values.flag("fractional_gates"),
                                                     .has_mocks = values.flag("mocks"),
                                                     .price_per_second = values.number("price_per_second"),
                                                     .currency = values.text("currency")});
}

}  // namespace qdcnn::vendors::ibm
