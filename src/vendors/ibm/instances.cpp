#include "vendors/ibm/instances.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "qdcnn/base/error.h"
#include "qdcnn/base/log.h"
#include "qdcnn/base/suggest.h"
#include "vendors/ibm/errors.h"

// IBM Cloud: Global Search (POST /v3/resources/search) and Global Catalog (GET /{plan}).

namespace qdcnn::vendors::ibm {
namespace {

/// From what costs nothing on.
constexpr std::string_view kPricings[] = {"free", "trial", "paygo", "paid", "subscription"};
/// A search that goes on for ever is a fault.
constexpr int kMostPages = 100;

std::string lower(std::string text) {
    for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return text;
}

/// The text at a path of keys; "unknown" where there is none.
std::string text_at(const nlohmann::json& document, std::initializer_list<const char*> keys) {
    const nlohmann::json* at = &document;
    for (const char* key : keys) {
        if (!at->is_object() || !at->contains(key)) return "unknown";
        at = &(*at)[key];
    }
    return at->is_string() ? lower(at->get<std::string>()) : "unknown";
}

/// An instance without extensions has no devices.
bool has_devices(const JsonView& item) {
    if (!item.has("doc") || !item.at("doc").value().is_object() || !item.at("doc").has("extensions"))
        return false;
    const nlohmann::json& extensions = item.at("doc").at("extensions").value();
    return extensions.is_object() && !extensions.empty();
}

void read_plan(Client& client, const Addresses& addresses, const std::string& plan_id, Instance& instance) {
    if (plan_id.empty()) return;
    try {
        const nlohmann::json plan =
            client.ask_platform(http::Method::get, addresses.catalog + "/" + percent_encoded(plan_id), "",
                                "asking for the instance's plan");
        instance.plan = text_at(plan, {"overview_ui", "en", "display_name"});
        instance.pricing = text_at(plan, {"metadata", "pricing", "type"});
    } catch (const Error& error) {
        // Plans that are no longer sold are answered with 403.
        if (error.kind() == ErrorKind::cancelled) throw;
        log_line(LogLevel::info, fmt::format("the plan of {} is not known: {}", instance.crn, error.what()));
    }
}

std::size_t rank_of(const std::string& pricing) {
    return static_cast<std::size_t>(std::find(std::begin(kPricings), std::end(kPricings), pricing) -
                                    std::begin(kPricings));
}

bool has_tags(const Instance& instance, const std::vector<std::string>& wanted) {
    return std::all_of(wanted.begin(), wanted.end(), [&](const std::string& tag) {
        return std::any_of(instance.tags.begin(), instance.tags.end(),
                           [&](const std::string& own) { return lower(own) == lower(tag); });
    });
}

[[noreturn]] void refuse(const std::vector<Instance>& all, const std::string& what,
                         const std::string& wanted) {
    std::vector<std::string> names;
    for (const Instance& instance : all)
        names.push_back(instance.name.empty() ? instance.crn : instance.name);
    throw Error(
        ErrorKind::not_found,
        all.empty() ? std::string("the API key's account has no instance of IBM Quantum with devices") : what,
        all.empty() ? "Make one at quantum.cloud.ibm.com/instances." : suggestion(wanted, names));
}

}  // namespace

std::vector<Instance> find_instances(Client& client, const Addresses& addresses) {
    const std::string doing = "looking for the account's instances";
    std::vector<Instance> found;
    std::string cursor;
    for (int page = 0; page < kMostPages; ++page) {
        nlohmann::json query{{"query", "service_name:quantum-computing"},
                             {"fields", {"crn", "service_plan_unique_id", "name", "doc", "tags"}}};
        if (!cursor.empty()) query["search_cursor"] = cursor;
        const nlohmann::json document = client.ask_platform(
            http::Method::post, addresses.search + "/v3/resources/search?limit=100", to_text(query), doing);
        reading(doing, [&] {
            const JsonView reply(document, "the search's reply");
            for (const JsonView& item : reply.at("items").elements()) {
                if (!has_devices(item)) continue;
                Instance instance{.crn = item.at("crn").text(), .name = item.text_or("name", "")};
                if (item.has("tags") && item.at("tags").value().is_array())
                    instance.tags = item.at("tags").texts();
                read_plan(client, addresses, item.text_or("service_plan_unique_id", ""), instance);
                found.push_back(std::move(instance));
            }
            cursor = reply.text_or("search_cursor", "");
        });
        if (cursor.empty()) return found;
    }
    throw Error(ErrorKind::vendor, doing + ": the list does not end");
}

std::vector<Instance> pick_instances(const std::vector<Instance>& all, const Account& account) {
    std::vector<Instance> left = all;
    const std::string wanted = account.instance.value_or("");
    const auto keep = [&](const auto& is_kept) {
        std::erase_if(left, [&](const Instance& instance) { return !is_kept(instance); });
    };
    if (is_crn(wanted)) {
        keep([&](const Instance& instance) { return instance.crn == wanted; });
        if (left.empty())
            refuse(all, fmt::format("instance {} is none of the API key's account", wanted), wanted);
        return left;
    }
    if (!wanted.empty() && wanted != "auto") {
        keep([&](const Instance& instance) { return instance.name == wanted; });
        if (left.empty())
            refuse(all, fmt::format("the API key's account has no instance \"{}\"", wanted), wanted);
    }
    keep([&](const Instance& instance) { return has_tags(instance, account.tags); });
    if (account.region)
        keep([&](const Instance& instance) {
            return instance.crn.find(*account.region) != std::string::npos;
        });
    if (account.plans.empty()) {
        std::stable_sort(left.begin(), left.end(), [](const Instance& a, const Instance& b) {
            return rank_of(a.pricing) < rank_of(b.pricing);
        });
    } else {
        std::vector<Instance> ordered;
        for (const std::string& plan : account.plans)
            std::copy_if(left.begin(), left.end(), std::back_inserter(ordered),
                         [&](const Instance& instance) { return instance.plan == lower(plan); });
        left = std::move(ordered);
    }
    if (left.empty())
        refuse(all, "no instance of the API key's account has the region, plan and tags that are asked for",
               "");
    return left;
}

std::vector<Instance> Instances::get() {
    const std::lock_guard lock(mutex_);
    if (!found_) found_ = pick_instances(find_instances(client_, addresses_), account_);
    return *found_;
}

std::vector<Route> Instances::routes() {
    if (account_.instance && is_crn(*account_.instance))
        return {{.base = api_base(account_, *account_.instance), .crn = *account_.instance}};
    std::vector<Route> routes;
    for (const Instance& instance : get())
        routes.push_back({.base = api_base(account_, instance.crn), .crn = instance.crn});
    return routes;
}

}  // namespace qdcnn::vendors::ibm
