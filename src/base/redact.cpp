#include "qdcnn/base/redact.h"

#include <algorithm>
#include <array>
#include <mutex>

namespace qdcnn {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_alphanumeric(char c) { return is_digit(c) || is_upper(c) || (c >= 'a' && c <= 'z'); }
bool is_name_character(char c) { return is_alphanumeric(c) || c == '_' || c == '-'; }
/// token68 of RFC 9110, what credentials are written in.
bool is_credential_character(char c) {
    return is_name_character(c) || c == '.' || c == '~' || c == '+' || c == '/' || c == '=';
}
char lower(char c) { return is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c; }

// ------------------------------------------------------------------ registered secrets

std::string percent_encoded(std::string_view text, const char* digits) {
    std::string encoded;
    for (const char c : text) {
        if (is_name_character(c) || c == '.' || c == '~') {
            encoded += c;
        } else {
            const auto byte = static_cast<unsigned char>(c);
            encoded += {'%', digits[byte >> 4], digits[byte & 15]};
        }
    }
    return encoded;
}

std::string json_escaped(std::string_view text, bool escapes_slash) {
    std::string escaped;
    for (const char c : text) {
        if (c == '"' || c == '\\' || (c == '/' && escapes_slash)) escaped += '\\';
        escaped += c;
    }
    return escaped;
}

/// Every byte that belongs to an occurrence of a secret is covered, also where occurrences overlap.
std::string without_registered(std::string_view text, const std::vector<std::string>& secrets) {
    std::vector<bool> covered;
    for (const std::string& secret : secrets)
        for (std::size_t at = text.find(secret); at != std::string_view::npos;
             at = text.find(secret, at + 1)) {
            covered.resize(text.size());
            std::fill_n(covered.begin() + static_cast<std::ptrdiff_t>(at), secret.size(), true);
        }
    if (covered.empty()) return std::string(text);
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (!covered[i]) {
            result += text[i];
        } else if (i == 0 || !covered[i - 1]) {
            result += Redactor::kMarker;
        }
    }
    return result;
}

// ------------------------------------------------------------------ what looks like a secret

/// Names without '-' and '_' and in lower case. The value of a whole-line name goes to the end of the line.
constexpr std::array kWholeLineNames = {"authorization", "proxyauthorization", "cookie", "setcookie"};
constexpr std::array kSecretNames = {"sig",      "passwd",     "credential", "accountkey", "sharedaccesskey",
                                     "authcode", "devicecode", "secretkey",  "myqosid",    "myqosoat"};
constexpr std::array kSecretEndings = {"token",          "secret",      "password",  "apikey",
                                       "passphrase",     "signature",   "accesskey", "privatekey",
                                       "xamzcredential", "passwordntlm"};

enum class NameKind { plain, secret, whole_line };

NameKind kind_of_name(std::string_view name) {
    std::string plain;
    for (const char c : name)
        if (c != '-' && c != '_') plain += lower(c);
    if (std::find(kWholeLineNames.begin(), kWholeLineNames.end(), plain) != kWholeLineNames.end())
        return NameKind::whole_line;
    if (std::find(kSecretNames.begin(), kSecretNames.end(), plain) != kSecretNames.end())
        return NameKind::secret;
    for (const std::string_view ending : kSecretEndings)
        if (plain.ends_with(ending)) return NameKind::secret;
    return NameKind::plain;
}

/// Walks once over the text and writes it again. Each take_* tries one shape at the current place, writes
/// what replaces it, and says whether it was there.
class PatternScanner {
  public:
    explicit PatternScanner(std::string_view text) : text_(text) {}

    std::string run() {
        while (at_ < text_.size()) {
            if (take_pem() || take_user_of_url() || take_json_web_token() || take_name()) continue;
            result_ += text_[at_++];
        }
        return std::move(result_);
    }

  private:
    std::string_view rest() const { return text_.substr(at_); }
    std::size_t run_from(std::size_t start, bool (*accepts)(char)) const {
        while (start < text_.size() && accepts(text_[start])) ++start;
        return start;
    }
    void copy_to(std::size_t end) {
        result_ += text_.substr(at_, end - at_);
        at_ = end;
    }
    void replace_to(std::size_t end) {
        result_ += Redactor::kMarker;
        at_ = end;
    }

    bool take_pem() {
        if (!rest().starts_with("-----BEGIN ")) return false;
        const std::size_t label_end = text_.find("-----", at_ + 11);
        if (label_end == std::string_view::npos) return false;
        if (text_.substr(at_, label_end - at_).find("PRIVATE KEY") == std::string_view::npos) return false;
        copy_to(label_end + 5);
        replace_to(std::min(text_.find("-----END ", at_), text_.size()));
        return true;
    }

    bool take_user_of_url() {
        if (!rest().starts_with("://")) return false;
        const std::size_t authority = at_ + 3;
        const std::size_t end = std::min(text_.find_first_of("/?#\\\"'<> \t\r\n", authority), text_.size());
        const std::size_t sign = text_.substr(0, end).rfind('@');
        copy_to(authority);
        if (sign != std::string_view::npos && sign >= authority) replace_to(sign);
        return true;
    }

    /// Base64 of `{"` begins with eyJ.
    bool take_json_web_token() {
        if (!rest().starts_with("eyJ")) return false;
        const std::size_t end = run_from(at_, [](char c) { return is_name_character(c) || c == '.'; });
        if (end - at_ < 20) return false;
        replace_to(end);
        return true;
    }

    /// A word, and what its meaning says of what follows.
    bool take_name() {
        const std::size_t end = run_from(at_, is_name_character);
        if (end == at_) return false;
        const std::string_view name = text_.substr(at_, end - at_);
        if (is_aws_key_id(name)) {
            replace_to(end);
            return true;
        }
        // A token may be glued to the word before it, as in x-eyJ...: stop there and look again.
        const std::size_t token = name.find("eyJ", 1);
        copy_to(token == std::string_view::npos ? end : at_ + token);
        if (token != std::string_view::npos) return true;
        const NameKind kind = kind_of_name(name);
        if (kind == NameKind::plain || !take_value(kind == NameKind::whole_line)) take_credentials(name);
        return true;
    }

    static bool is_aws_key_id(std::string_view name) {
        return name.size() == 20 && (name.starts_with("AKIA") || name.starts_with("ASIA")) &&
               std::all_of(name.begin(), name.end(), [](char c) { return is_upper(c) || is_digit(c); });
    }

    /// After a secret's name: a closing quote of the name, a sign, and then the value.
    bool take_value(bool takes_whole_line) {
        std::size_t sign = text_.find_first_not_of("\\\"' \t", at_);
        if (sign == std::string_view::npos) return false;
        std::size_t value = 0;
        if (text_[sign] == ':' || text_[sign] == '=') {
            value = sign + 1;
        } else if (text_[sign] == '%' && sign + 2 < text_.size() && text_[sign + 1] == '3' &&
                   (lower(text_[sign + 2]) == 'd' || lower(text_[sign + 2]) == 'a')) {
            value = sign + 3;
        } else {
            return false;
        }
        value = std::min(text_.find_first_not_of(" \t", value), text_.size());
        const std::size_t quote = std::min(text_.find_first_not_of('\\', value), text_.size());
        if (quote < text_.size() && (text_[quote] == '"' || text_[quote] == '\'')) {
            copy_to(quote + 1);
            replace_to(end_of_quoted(text_[quote], quote - value));
        } else {
            copy_to(value);
            const char* ends = takes_whole_line ? "\r\n" : "&,;\"'<> \t\r\n";
            const std::size_t end = std::min(text_.find_first_of(ends, value), text_.size());
            if (end > value) replace_to(end);
        }
        return true;
    }

    /// Where the quotation that begins here ends: at the same quote behind the same number of backslashes
    /// (JSON inside a JSON string has one before each quote), or at the end of the text.
    std::size_t end_of_quoted(char quote, std::size_t backslashes) const {
        std::size_t seen = 0;
        for (std::size_t i = at_; i < text_.size(); ++i) {
            if (text_[i] == '\\') {
                ++seen;
                continue;
            }
            if (text_[i] == quote && (seen == backslashes || (backslashes == 0 && seen % 2 == 0)))
                return i - backslashes;
            seen = 0;
        }
        return text_.size();
    }

    /// "Bearer abc", "apikey abc", "Basic YTpi".
    void take_credentials(std::string_view scheme) {
        std::string word(scheme);
        std::transform(word.begin(), word.end(), word.begin(), lower);
        const bool is_own_word = word == "bearer" || word == "apikey";
        if (!is_own_word && word != "basic" && word != "digest" && word != "negotiate") return;
        const std::size_t start = std::min(text_.find_first_not_of(" \t+", at_), text_.size());
        if (start == at_) return;
        const std::size_t end = run_from(start, is_credential_character);
        const std::string_view run = text_.substr(start, end - start);
        // "basic" is a word of every day too; base64 of any length has a capital, a digit or a sign.
        const bool is_everyday = !is_own_word && std::all_of(run.begin(), run.end(), [](char c) {
            return is_name_character(c) && lower(c) == c && !is_digit(c);
        });
        if (run.size() < 6 || is_everyday) return;
        copy_to(start);
        replace_to(end);
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::string result_;
};

}  // namespace

void Redactor::add_secret(std::string_view secret) {
    if (secret.size() < kShortestSecret) return;
    const std::unique_lock lock(mutex_);
    for (std::string spelling : {std::string(secret), percent_encoded(secret, "0123456789ABCDEF"),
                                 percent_encoded(secret, "0123456789abcdef"), json_escaped(secret, false),
                                 json_escaped(secret, true)})
        if (std::find(secrets_.begin(), secrets_.end(), spelling) == secrets_.end())
            secrets_.push_back(std::move(spelling));
}

void Redactor::forget_secrets() {
    const std::unique_lock lock(mutex_);
    secrets_.clear();
}

std::string Redactor::redact(std::string_view text) const {
    std::string known;
    {
        const std::shared_lock lock(mutex_);
        known = without_registered(text, secrets_);
    }
    // What a replacement leaves may look like a secret in its turn, as where a name ends in a key's first
    // line. Each change puts the marker in the place of something else, so that this ends.
    for (;;) {
        std::string scanned = PatternScanner(known).run();
        if (scanned == known) return scanned;
        known = std::move(scanned);
    }
}

Redactor& redactor() {
    static Redactor instance;
    return instance;
}

}  // namespace qdcnn
