#include "account.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>

#include "qdcnn/vendors/ibm/typed_json.h"

// IBM Cloud: IAM identity token, Global Search v3, Global Catalog v1.

namespace qdcnn::server {
namespace {

using nlohmann::json;

/// Without padding and in the alphabet of URLs, as in a JSON web token (RFC 7515).
std::string to_base64url(const std::string& bytes) {
    std::string text = vendors::ibm::to_base64({bytes.begin(), bytes.end()});
    std::replace(text.begin(), text.end(), '+', '-');
    std::replace(text.begin(), text.end(), '/', '_');
    text.erase(std::find(text.begin(), text.end(), '='), text.end());
    return text;
}

std::string from_base64url(std::string text) {
    std::replace(text.begin(), text.end(), '-', '+');
    std::replace(text.begin(), text.end(), '_', '/');
    while (text.size() % 4 != 0) text += '=';
    const auto bytes = vendors::ibm::from_base64(text);
    return {bytes.begin(), bytes.end()};
}

std::string from_form(const std::string& text) {
    std::string plain;
    for (std::size_t k = 0; k < text.size(); ++k) {
        if (text[k] == '+') {
            plain += ' ';
        } else if (text[k] == '%' && k + 2 < text.size()) {
            plain += static_cast<char>(std::strtol(text.substr(k + 1, 2).c_str(), nullptr, 16));
            k += 2;
        } else {
            plain += text[k];
        }
    }
    return plain;
}

/// The field of a body of the type application/x-www-form-urlencoded.
std::string form_field(const std::string& body, const std::string& name) {
    std::size_t from = 0;
    while (from <= body.size()) {
        const std::size_t end = std::min(body.find('&', from), body.size());
        const std::string field = body.substr(from, end - from);
        const std::size_t equals = field.find('=');
        if (equals != std::string::npos && from_form(field.substr(0, equals)) == name)
            return from_form(field.substr(equals + 1));
        from = end + 1;
    }
    return {};
}

std::int64_t now_seconds() { return now_microseconds() / 1'000'000; }

/// IAM's own error form.
Reply iam_refusal(const std::string& code, const std::string& message) {
    return json_reply({{"errorCode", code}, {"errorMessage", message}}, 400);
}

std::string plan_id(const Instance& instance) {
    std::string id = "plan-" + instance.plan + "-" + instance.pricing;
    std::replace_if(
        id.begin(), id.end(), [](unsigned char c) { return std::isalnum(c) == 0; }, '-');
    std::transform(id.begin(), id.end(), id.begin(), [](unsigned char c) { return std::tolower(c); });
    return id;
}

[[noreturn]] void not_authorised() {
    refuse(401, code::kNotAuthorised, "The token is missing or invalid.", "Obtain a new token.");
}

}  // namespace

bool AccountDesk::is_key(const std::string& key) const {
    return settings_.token.empty() ? !key.empty() : key == settings_.token;
}

std::string AccountDesk::signature(const std::string& text) const {
    // Tokens of an earlier server with the same settings stay good.
    const std::string key = fmt::format("qdcnn rehearsal {} {}", settings_.seed, settings_.token);
    unsigned char bytes[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
         reinterpret_cast<const unsigned char*>(text.data()), text.size(), bytes, &size);
    return to_base64url({reinterpret_cast<const char*>(bytes), size});
}

Reply AccountDesk::token(const Request& request) const {
    const std::string grant = form_field(request.body, "grant_type");
    if (grant != "urn:ibm:params:oauth:grant-type:apikey")
        return iam_refusal("BXNIM0401E", "The grant type is not supported.");
    if (!is_key(form_field(request.body, "apikey")))
        return iam_refusal("BXNIM0415E", "Provided API key could not be found.");
    const std::int64_t issued = now_seconds(), lifetime = settings_.token_lifetime.count();
    const json claims{{"iss", "https://iam.cloud.ibm.com/identity"},
                      {"sub", "IBMid-REHEARSAL"},
                      {"iat", issued},
                      {"exp", issued + lifetime}};
    const std::string text =
        to_base64url(to_text(json{{"alg", "HS256"}, {"typ", "JWT"}})) + "." + to_base64url(to_text(claims));
    return json_reply({{"access_token", text + "." + signature(text)},
                       {"refresh_token", "not_supported"},
                       {"token_type", "Bearer"},
                       {"expires_in", lifetime},
                       {"expiration", issued + lifetime},
                       {"scope", "ibm openid"}});
}

void AccountDesk::check_token(const Request& request) const {
    const std::string given = request.header("authorization");
    const std::string key_scheme = "apikey ", token_scheme = "Bearer ";
    if (given.starts_with(key_scheme)) {
        if (is_key(given.substr(key_scheme.size()))) return;
        not_authorised();
    }
    if (!given.starts_with(token_scheme)) not_authorised();
    const std::string token = given.substr(token_scheme.size());
    const std::size_t first = token.find('.'), last = token.rfind('.');
    if (first == std::string::npos || first == last) not_authorised();
    if (signature(token.substr(0, last)) != token.substr(last + 1)) not_authorised();
    // What is signed here was written here.
    const json claims = parse_json(from_base64url(token.substr(first + 1, last - first - 1)), "token");
    if (JsonView(claims, "claims").at("exp").integer() <= now_seconds()) not_authorised();
}

std::string AccountDesk::authorise(const Request& request) const {
    check_token(request);
    const std::string crn = request.header("service-crn");
    for (const Instance& instance : settings_.instances)
        if (instance.crn == crn) return crn;
    refuse(403, code::kNoInstance, "The account has no instance of this CRN.",
           "Check the Service-CRN header.");
}

Reply AccountDesk::search(const Request& request) const {
    check_token(request);
    json items = json::array();
    for (const Instance& instance : settings_.instances)
        items.push_back({{"crn", instance.crn},
                         {"name", instance.name},
                         {"service_plan_unique_id", plan_id(instance)},
                         {"tags", instance.tags},
                         {"doc", {{"extensions", {{"virtual_private_endpoints", json::object()}}}}}});
    return json_reply({{"items", items}, {"limit", 100}});
}

Reply AccountDesk::catalog(const std::string& plan) const {
    for (const Instance& instance : settings_.instances)
        if (plan_id(instance) == plan)
            return json_reply({{"id", plan},
                               {"kind", "plan"},
                               {"name", instance.plan},
                               {"overview_ui", {{"en", {{"display_name", instance.plan}}}}},
                               {"metadata", {{"pricing", {{"type", instance.pricing}}}}}});
    return json_reply({{"errors", json::array({{{"code", "not_found"}, {"message", "no such entry"}}})}},
                      404);
}

}  // namespace qdcnn::server
