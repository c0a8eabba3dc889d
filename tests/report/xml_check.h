#pragma once

#include <cctype>
#include <string>
#include <vector>

namespace qdcnn::test {

/// Why the text is no well-formed XML of the plain kind these files are (elements, attributes, text, one
/// doctype; no comments or CDATA); empty when it is.
inline std::string xml_problem(const std::string& text) {
    std::vector<std::string> open;
    std::size_t at = 0;
    bool has_root = false;
    const auto here = [&](const std::string& what) { return what + " at: " + text.substr(at, 60); };
    const auto entity_problem = [&](std::size_t from, std::size_t to) {
        for (std::size_t k = from; k < to; ++k) {
            if (text[k] != '&') continue;
            const std::string name = text.substr(k + 1, text.find(';', k) - k - 1);
            if (name != "amp" && name != "lt" && name != "gt" && name != "quot" && name != "#39") return true;
        }
        return false;
    };
    while (at < text.size()) {
        if (text[at] != '<') {
            const std::size_t end = std::min(text.find('<', at), text.size());
            if (entity_problem(at, end)) return here("unknown entity");
            if (open.empty() && text.find_first_not_of(" \n", at) < end) return here("text outside the root");
            at = end;
            continue;
        }
        if (text.compare(at, 9, "<!DOCTYPE") == 0) {
            at = text.find('>', at) + 1;
            continue;
        }
        const bool is_end = text.compare(at, 2, "</") == 0;
        std::size_t k = at + (is_end ? 2 : 1);
        std::string name;
        while (k < text.size() && (std::isalnum(static_cast<unsigned char>(text[k])) || text[k] == '-'))
            name += text[k++];
        if (name.empty()) return here("no element name");
        if (is_end) {
            if (open.empty() || open.back() != name || text[k] != '>') return here("wrong end tag");
            open.pop_back();
            at = k + 1;
            continue;
        }
        if (open.empty() && has_root) return here("second root");
        has_root = true;
        while (text.compare(k, 1, " ") == 0) {
            const std::size_t equals = text.find("=\"", k), close = text.find('"', equals + 2);
            if (close == std::string::npos ||
                text.substr(k + 1, equals - k - 1).find_first_of(" <>\"") != std::string::npos)
                return here("malformed attribute");
            if (text.substr(equals + 2, close - equals - 2).find('<') != std::string::npos ||
                entity_problem(equals, close))
                return here("unescaped attribute");
            k = close + 1;
        }
        if (text.compare(k, 2, "/>") == 0) {
            at = k + 2;
        } else if (text.compare(k, 1, ">") == 0) {
            open.push_back(name);
            at = k + 1;
        } else {
            return here("malformed tag");
        }
    }
    return open.empty() && has_root ? "" : "elements left open";
}

}  // namespace qdcnn::test
