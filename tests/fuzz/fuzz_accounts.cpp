#include "fuzz/input.h"
#include "qdcnn/accounts/secret_store.h"
#include "qdcnn/base/json.h"
#include "qdcnn/base/redact.h"
#include "qdcnn/vendors/ibm/account.h"

// Any bytes as Qiskit's file and as a file of our own store. What is wrong is said without a token's value.
namespace {

using namespace qdcnn;

/// Texts below keys named token that no message has by accident.
void collect_tokens(const nlohmann::json& value, std::vector<std::string>& tokens) {
    if (!value.is_object()) return;
    for (const auto& item : value.items()) {
        if (item.key() == "token" && item.value().is_string()) {
            const auto token = item.value().get<std::string>();
            if (token.size() >= 8 && token.find_first_of("0123456789") != std::string::npos)
                tokens.push_back(token);
        }
        if (item.value().is_object()) collect_tokens(item.value(), tokens);
    }
}

std::vector<std::string> tokens_of(const std::string& text) {
    std::vector<std::string> tokens;
    try {
        collect_tokens(parse_json(text, "input"), tokens);
    } catch (const Error&) {
        // Then no message can quote them.
    }
    // Names of entries are quoted, and a name is no secret.
    std::erase_if(tokens, [&](const std::string& token) {
        const std::size_t first = text.find(token);
        return first == std::string::npos || text.find(token, first + 1) != std::string::npos;
    });
    return tokens;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::Input input(data, size);
    const int asked = input.byte();
    const std::string text = input.rest();
    vendors::ibm::AccountChoice choice;
    if (asked % 4 == 1) choice.name = "work";
    if (asked % 4 == 2) choice.channel = "ibm_cloud";
    std::optional<std::string> channel;
    if (asked % 8 > 3) channel = "ibm_cloud";
    redactor().forget_secrets();
    const std::string message = fuzz::message_of(
        {ErrorKind::auth, ErrorKind::parse, ErrorKind::invalid_input, ErrorKind::unsupported}, [&] {
            const auto account = vendors::ibm::pick_saved_account(text, "qiskit-ibm.json", choice, channel);
            if (account) fuzz::expect(!account->token.empty(), "an account without a token");
        });
    redactor().forget_secrets();
    const std::string own = fuzz::message_of({ErrorKind::parse, ErrorKind::invalid_input},
                                             [&] { accounts::parse_account(text, "ibm.json"); });
    for (const std::string& token : tokens_of(text))
        fuzz::expect(message.find(token) == std::string::npos && own.find(token) == std::string::npos,
                     "a message shows a token", message + own);
    return 0;
}
