#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace qdcnn::circuit {

/// Index of a parameter in its circuit's list of parameters.
using ParameterIndex = std::uint32_t;

/// An angle in radians: a number plus a linear combination of the circuit's parameters (an affine
/// expression). Terms are sorted by parameter, without zeros.
class Angle {
  public:
    struct Term {
        ParameterIndex parameter;
        double coefficient;
        bool operator==(const Term&) const = default;
    };

    Angle(double constant = 0.0) : constant_(constant) {}  // NOLINT: a number is an angle
    static Angle of_parameter(ParameterIndex parameter, double coefficient = 1.0);

    double constant() const { return constant_; }
    const std::vector<Term>& terms() const { return terms_; }
    bool is_bound() const { return terms_.empty(); }

    /// The number. values[k] is the value of parameter k; every parameter used must be there.
    double evaluate(std::span<const double> values) const;

    Angle operator-() const { return *this * -1.0; }
    Angle operator*(double factor) const;
    friend Angle operator+(const Angle& left, const Angle& right);
    friend Angle operator-(const Angle& left, const Angle& right) { return left + (-right); }
    bool operator==(const Angle&) const = default;

    /// The same expression with parameter k replaced by replacements[k].
    Angle substitute(std::span<const Angle> replacements) const;

    /// For example "0.5*theta + 1.5"; names[k] is parameter k. Numbers in shortest form that reads back
    /// exactly.
    std::string to_string(std::span<const std::string> names) const;

  private:
    double constant_ = 0.0;
    std::vector<Term> terms_;
};

inline Angle operator*(double factor, const Angle& angle) { return angle * factor; }

}  // namespace qdcnn::circuit
