#include "vendors/ibm/open.h"

#include <fmt/format.h>

#include <charconv>

#include "qdcnn/accounts/settings.h"
#include "qdcnn/accounts/surroundings.h"
#include "qdcnn/base/error.h"
#include "qdcnn/vendors/ibm/account.h"
#include "qdcnn/vendors/ibm/results.h"
#include "qdcnn/vendors/ibm/service.h"

namespace qdcnn::vendors::ibm {
namespace {

constexpr std::string_view kKeys[] = {"token",       "url",
                                      "api_url",     "instance",
                                      "channel",     "region",
                                      "plans",       "tags",
                                      "devices",     "private_endpoint",
                                      "iam_url",     "search_url",
                                      "catalog_url", "fractional_gates",
                                      "mocks",       "price_per_second",
                                      "currency"};

/// Keys that are no account's.
class Values {
  public:
    explicit Values(const ServiceSettings& settings) : values_(settings.values) {}

    std::string text(std::string_view key) const {
        const auto found = values_.find(std::string(key));
        return found == values_.end() ? std::string() : found->second;
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

/// With a token the account is in the values; without, it is found where Qiskit's client and ours look.
Account account_for(const ServiceSettings& settings) {
    if (settings.values.contains("token")) return account_of_values(settings.values);
    const auto surroundings = accounts::Surroundings::of_process();
    auto values = values_of(require_account(accounts::Settings::load(surroundings), surroundings));
    for (const auto& [key, value] : settings.values) values[key] = value;
    return account_of_values(values);
}

}  // namespace

std::span<const std::string_view> setting_keys() { return kKeys; }

std::unique_ptr<Service> open(const ServiceSettings& settings) {
    const Values values(settings);
    Account account = account_for(settings);
    return std::make_unique<RuntimeService>(std::move(account),
                                            Settings{.transport = settings.transport,
                                                     .clock = settings.clock,
                                                     .seed = settings.seed,
                                                     .has_fractional_gates = values.flag("fractional_gates"),
                                                     .has_mocks = values.flag("mocks"),
                                                     .price_per_second = values.number("price_per_second"),
                                                     .currency = values.text("currency")});
}

JobResult decode(const std::string& raw, const std::string& content) {
    return decode_results(raw, job_shape(content));
}

}  // namespace qdcnn::vendors::ibm
