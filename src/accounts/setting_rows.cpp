#include <algorithm>
#include <cctype>

#include "qdcnn/accounts/settings.h"

namespace qdcnn::accounts {

std::span<const SettingRow> setting_rows() {
    using enum SettingType;
    using enum InProject;
    static const std::vector<SettingRow> rows{
        {.name = "ca_file",
         .type = path,
         .variables = {"CURL_CA_BUNDLE", "SSL_CERT_FILE"},
         .flag = "ca-file",
         .is_global = true,
         .in_project = refused,
         .help = "certificates (PEM) to trust instead of the system's"},
        {.name = "proxy",
         .variables = {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"},
         .flag = "proxy",
         .is_global = true,
         .in_project = refused,
         .help = "URL of what https goes through"},
        {.name = "no_proxy",
         .variables = {"no_proxy", "NO_PROXY"},
         .in_project = refused,
         .help = "hosts that are reached directly, separated by commas"},
        {.name = "log.level",
         .type = choice,
         .built_in = "off",
         .flag = "log-level",
         .is_global = true,
         .words = {"off", "error", "warning", "info", "debug"},
         .help = "what is logged: off, error, warning, info or debug"},
        {.name = "log.file",
         .type = path,
         .flag = "log-file",
         .is_global = true,
         .in_project = refused,
         .help = "where the log goes; without it to stderr"},
        {.name = "state",
         .type = path,
         .in_project = refused,
         .help = "folder of the job journal and of results; without it the XDG state folder"},
        {.name = "max_cost",
         .type = number,
         .flag = "max-cost",
         .in_project = only_lowers,
         .help = "the most that jobs may cost together, in the vendor's currency"},
        {.name = "max_qpu_seconds",
         .type = number,
         .flag = "max-qpu-seconds",
         .in_project = only_lowers,
         .help = "the most time on a quantum processor, likewise"},
        {.name = "poll.shortest",
         .type = number,
         .built_in = "1",
         .help = "seconds between two looks at a job, at first"},
        {.name = "poll.longest", .type = number, .built_in = "60", .help = "and after a while"},
        {.name = "reconcile.gap",
         .type = number,
         .built_in = "30",
         .help = "seconds between the two looks after which a job that is not found was not sent"},
        {.name = "ibm.account",
         .flag = "account",
         .help = "entry of ~/.qiskit/qiskit-ibm.json; without it the one that Qiskit would take"},
        {.name = "ibm.instance", .flag = "instance", .help = "CRN or name of the instance, or auto"},
        {.name = "ibm.region", .flag = "region", .help = "region of the instances to choose from"},
        {.name = "ibm.plans",
         .type = texts,
         .flag = "plan",
         .help = "plans of the instances to choose from, the best first"},
        {.name = "ibm.tags", .type = texts, .flag = "tag", .help = "tags that an instance must have, all"},
        {.name = "ibm.url",
         .flag = "url",
         .in_project = refused,
         .help = "the cloud's address instead of https://cloud.ibm.com"},
        {.name = "ibm.price_per_second",
         .type = number,
         .in_project = refused,
         .help = "price of a second on the processor, for quotes; plans differ"},
    };
    return rows;
}

std::string own_variable(const SettingRow& row) {
    std::string name = "QDCNN_";
    for (const char c : row.name)
        name += c == '.' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return name;
}

const char* to_string(Level level) {
    switch (level) {
        case Level::flag:
            return "flag";
        case Level::environment:
            return "environment";
        case Level::project:
            return "project";
        case Level::user:
            return "user";
        case Level::built_in:
            return "built_in";
    }
    return "";
}

}  // namespace qdcnn::accounts
