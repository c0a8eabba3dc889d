#include "qdcnn/circuit/angle.h"

#include <fmt/format.h>

namespace qdcnn::circuit {

Angle Angle::of_parameter(ParameterIndex parameter, double coefficient) {
    Angle angle;
    if (coefficient != 0.0) angle.terms_.push_back({parameter, coefficient});
    return angle;
}

double Angle::evaluate(std::span<const double> values) const {
    double sum = constant_;
    for (const Term& term : terms_) sum += term.coefficient * values[term.parameter];
    return sum;
}

Angle Angle::operator*(double factor) const {
    Angle result(constant_ * factor);
    if (factor == 0.0) return result;
    result.terms_ = terms_;
    for (Term& term : result.terms_) term.coefficient *= factor;
    return result;
}

Angle operator+(const Angle& left, const Angle& right) {
    Angle result(left.constant_ + right.constant_);
    auto a = left.terms_.begin();
    auto b = right.terms_.begin();
    while (a != left.terms_.end() || b != right.terms_.end()) {
        if (b == right.terms_.end() || (a != left.terms_.end() && a->parameter < b->parameter)) {
            result.terms_.push_back(*a++);
        } else if (a == left.terms_.end() || b->parameter < a->parameter) {
            result.terms_.push_back(*b++);
        } else {
            const double sum = a->coefficient + b->coefficient;
            if (sum != 0.0) result.terms_.push_back({a->parameter, sum});
            ++a;
            ++b;
        }
    }
    return result;
}

Angle Angle::substitute(std::span<const Angle> replacements) const {
    Angle result(constant_);
    for (const Term& term : terms_) result = result + replacements[term.parameter] * term.coefficient;
    return result;
}

std::string Angle::to_string(std::span<const std::string> names) const {
    std::string text;
    for (const Term& term : terms_) {
        const std::string& name = names[term.parameter];
        const double size = term.coefficient < 0 ? -term.coefficient : term.coefficient;
        if (text.empty())
            text = term.coefficient < 0 ? "-" : "";
        else
            text += term.coefficient < 0 ? " - " : " + ";
        text += size == 1.0 ? name : fmt::format("{}*{}", size, name);
    }
    if (text.empty()) return fmt::format("{}", constant_);
    if (constant_ > 0) text += fmt::format(" + {}", constant_);
    if (constant_ < 0) text += fmt::format(" - {}", -constant_);
    return text;
}

}  // namespace qdcnn::circuit
