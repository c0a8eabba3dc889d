#include "fuzz/input.h"
#include "qdcnn/base/redact.h"

// A line that is a secret, a line that is a token, and text. No spelling of the secret is left, wherever it
// stands; nor is a token behind the names that say so; and doing it twice changes nothing more.
namespace {

using qdcnn::fuzz::expect;

std::string percent_encoded(const std::string& text) {
    std::string encoded;
    char buffer[4];
    for (const char c : text) {
        std::snprintf(buffer, sizeof buffer, "%%%02X", static_cast<unsigned char>(c));
        const bool stays =
            std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_' || c == '.' || c == '~';
        encoded += stays ? std::string(1, c) : buffer;
    }
    return encoded;
}

std::string json_escaped(const std::string& text) {
    std::string escaped;
    for (const char c : text) {
        if (c == '"' || c == '\\') escaped += '\\';
        escaped += c;
    }
    return escaped;
}

/// The bytes as characters that credentials are written in.
std::string token_of(const std::string& bytes) {
    static const std::string kCharacters =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/";
    std::string token = "T0k";
    for (const char c : bytes) token += kCharacters[static_cast<unsigned char>(c) % kCharacters.size()];
    return token;
}

/// Together with the marker such a secret may come about anew.
bool may_meet_the_marker(const std::string& secret) {
    return secret.find_first_of("[]") != std::string::npos ||
           std::string("redacted").find(secret) != std::string::npos;
}

void check_registered(const std::string& secret, const std::string& text) {
    if (secret.size() < qdcnn::Redactor::kShortestSecret || may_meet_the_marker(secret)) return;
    qdcnn::Redactor redactor;
    redactor.add_secret(secret);
    const std::size_t half = text.size() / 2;
    const std::string spellings[] = {secret, percent_encoded(secret), json_escaped(secret)};
    for (const std::string& spelling : spellings) {
        const std::string redacted = redactor.redact(text.substr(0, half) + spelling + text.substr(half));
        for (const std::string& left : spellings)
            expect(redacted.find(left) == std::string::npos, "a secret is left in", redacted);
        expect(redactor.redact(redacted) == redacted, "a second time changes more", redacted);
    }
}

void check_patterns(const std::string& token, const std::string& text) {
    const qdcnn::Redactor redactor;
    const std::string begin = text + "\n";
    for (const std::string& place :
         {"Authorization: Bearer " + token + "\r\n", "?access_token=" + token + "&x=1",
          "{\"apikey\": \"" + token + "\", \"x\": 1}", "{\\\"token\\\":\\\"" + token + "\\\"}"}) {
        const std::string redacted = redactor.redact(place);
        expect(redacted.find(token) == std::string::npos, "a token is left in", redacted);
        // Behind anything: text that ends within a quotation may swallow the place, and must not bare it.
        expect(redactor.redact(begin + place).find(token) == std::string::npos ||
                   text.find(token) != std::string::npos,
               "a token behind other text is left in", begin + place);
    }
    const std::string redacted = redactor.redact(text);
    expect(redactor.redact(redacted) == redacted, "a second time changes more", text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    qdcnn::fuzz::Input input(data, size);
    const std::string secret = input.line();
    const std::string token = token_of(input.line() + "token");
    const std::string text = input.rest();
    check_registered(secret, text);
    check_patterns(token, text);
    return 0;
}
