#include "qdcnn/circuit/observable.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>

#include "qdcnn/base/error.h"

namespace qdcnn::circuit {
namespace {

class ObservableReader {
  public:
    explicit ObservableReader(const std::string& text) : text_(text) {}

    Observable read() {
        Observable observable;
        double sign = 1.0;
        skip_blanks();
        if (take('-'))
            sign = -1.0;
        else
            take('+');
        for (;;) {
            observable.terms.push_back(read_term(sign));
            if (place_ == text_.size()) return observable;
            if (take('+'))
                sign = 1.0;
            else if (take('-'))
                sign = -1.0;
            else
                fail(fmt::format("expected a factor, + or -, found '{}'", text_[place_]));
        }
    }

  private:
    Observable::Term read_term(double sign) {
        Observable::Term term{sign, {}};
        bool any = false;
        for (;;) {
            skip_blanks();
            const bool expects_factor = any && take('*');
            if (expects_factor) skip_blanks();
            const bool is_end = place_ == text_.size() || text_[place_] == '+' || text_[place_] == '-';
            if (expects_factor && is_end) fail("expected a factor after *");
            if (is_end) break;
            const char letter = text_[place_];
            if (std::isdigit(static_cast<unsigned char>(letter)) || letter == '.') {
                term.coefficient *= read_number<double>("a number");
            } else if (letter == 'X' || letter == 'Y' || letter == 'Z' || letter == 'I') {
                ++place_;
                read_pauli(letter, term.paulis);
            } else {
                fail(fmt::format("expected X, Y, Z or I with a qubit number, or a coefficient, found '{}'",
                                 letter));
            }
            any = true;
        }
        if (!any) fail("expected a term such as \"Z0 Z2\" or \"0.5 X1\"");
        std::sort(term.paulis.begin(), term.paulis.end());
        return term;
    }

    void read_pauli(char letter, PauliString& paulis) {
        const bool numbered =
            place_ < text_.size() && std::isdigit(static_cast<unsigned char>(text_[place_]));
        if (letter == 'I' && !numbered) return;
        const Qubit qubit = read_number<Qubit>("a qubit number");
        if (letter == 'I') return;
        for (const auto& [other, pauli] : paulis)
            if (other == qubit) fail(fmt::format("qubit {} stands twice in one term", qubit));
        paulis.emplace_back(qubit, letter == 'X' ? Pauli::x : letter == 'Y' ? Pauli::y : Pauli::z);
    }

    template <typename Number>
    Number read_number(const char* what) {
        Number value{};
        const auto [end, code] = std::from_chars(text_.data() + place_, text_.data() + text_.size(), value);
        if (code != std::errc()) fail(fmt::format("expected {}", what));
        place_ = static_cast<std::size_t>(end - text_.data());
        return value;
    }

    void skip_blanks() {
        while (place_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[place_]))) ++place_;
    }
    bool take(char letter) {
        if (place_ >= text_.size() || text_[place_] != letter) return false;
        ++place_;
        return true;
    }
    [[noreturn]] void fail(const std::string& message) const {
        throw Error(ErrorKind::parse, fmt::format("observable \"{}\": {}", text_, message),
                    "Write it like \"Z0 Z2 + 0.5 X1\".")
            .at({"", 1, static_cast<int>(place_) + 1});
    }

    const std::string& text_;
    std::size_t place_ = 0;
};

}  // namespace

Observable parse_observable(const std::string& text) { return ObservableReader(text).read(); }

std::string to_string(const Observable& observable) {
    std::string text;
    for (const auto& term : observable.terms) {
        const double size = term.coefficient < 0 ? -term.coefficient : term.coefficient;
        if (text.empty())
            text = term.coefficient < 0 ? "-" : "";
        else
            text += term.coefficient < 0 ? " - " : " + ";
        if (size != 1.0 || term.paulis.empty())
            text += fmt::format("{}{}", size, term.paulis.empty() ? "" : " ");
        for (std::size_t i = 0; i < term.paulis.size(); ++i)
            text += fmt::format("{}{}{}", i == 0 ? "" : " ", "IXYZ"[static_cast<int>(term.paulis[i].second)],
                                term.paulis[i].first);
    }
    return text;
}

Observable map_qubits(const Observable& observable, const std::vector<Qubit>& layout) {
    Observable mapped = observable;
    for (auto& term : mapped.terms) {
        for (auto& [qubit, pauli] : term.paulis) {
            if (qubit >= layout.size())
                throw Error(
                    ErrorKind::invalid_input,
                    fmt::format("the observable names qubit {}, the circuit has {}", qubit, layout.size()));
            qubit = layout[qubit];
        }
        std::sort(term.paulis.begin(), term.paulis.end());
    }
    return mapped;
}

}  // namespace qdcnn::circuit
