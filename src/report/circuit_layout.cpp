#include "report/circuit_layout.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <map>
#include <numbers>

#include "qdcnn/base/error.h"
#include "qdcnn/circuit/formula_text.h"

namespace qdcnn::report {
namespace {

using namespace circuit;

/// How a gate is drawn: its first qubits as controls, the others with this symbol. Gates without a row are
/// boxes with their own name.
struct GatePicture {
    GateId gate;
    std::size_t controls;
    Symbol symbol;
    std::string_view name;
};
constexpr GatePicture kPictures[] = {
    {GateId::id, 0, Symbol::box, "I"},     {GateId::sdg, 0, Symbol::box, "S†"},
    {GateId::tdg, 0, Symbol::box, "T†"},   {GateId::sx, 0, Symbol::box, "√X"},
    {GateId::sxdg, 0, Symbol::box, "√X†"}, {GateId::cx, 1, Symbol::target, ""},
    {GateId::cy, 1, Symbol::box, "Y"},     {GateId::cz, 1, Symbol::control, ""},
    {GateId::ch, 1, Symbol::box, "H"},     {GateId::cs, 1, Symbol::box, "S"},
    {GateId::csdg, 1, Symbol::box, "S†"},  {GateId::csx, 1, Symbol::box, "√X"},
    {GateId::swap, 0, Symbol::cross, ""},  {GateId::cp, 1, Symbol::box, "P"},
    {GateId::crx, 1, Symbol::box, "RX"},   {GateId::cry, 1, Symbol::box, "RY"},
    {GateId::crz, 1, Symbol::box, "RZ"},   {GateId::cu, 1, Symbol::box, "U"},
    {GateId::ccx, 2, Symbol::target, ""},  {GateId::ccz, 2, Symbol::control, ""},
    {GateId::cswap, 1, Symbol::cross, ""},
};

std::string upper(std::string_view text) {
    std::string result(text);
    for (char& c : result) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return result;
}

std::string short_number(double value) {
    for (const int divisor : {1, 2, 3, 4, 6, 8, 16}) {
        const double multiple = value / std::numbers::pi * divisor;
        const double rounded = std::round(multiple);
        if (std::abs(multiple - rounded) > 1e-9 || rounded == 0 || std::abs(rounded) > 64) continue;
        const std::string sign = rounded < 0 ? "-" : "";
        const double size = std::abs(rounded);
        return fmt::format("{}{}π{}", sign, size == 1 ? "" : fmt::format("{:.0f}", size),
                           divisor == 1 ? "" : fmt::format("/{}", divisor));
    }
    return fmt::format("{:.3g}", std::abs(value) < 1e-12 ? 0.0 : value);
}

std::string angles_text(const std::vector<Angle>& angles, const std::vector<std::string>& parameters) {
    std::string text;
    for (const Angle& angle : angles) text += (text.empty() ? "" : ", ") + short_angle(angle, parameters);
    return text;
}

std::string delay_text(const Delay& delay) {
    if (delay.unit == TimeUnit::dt) return fmt::format("{:g} dt", delay.duration);
    struct Unit {
        double seconds;
        std::string_view name;
    };
    for (const auto& [seconds, name] : {Unit{1, "s"}, Unit{1e-3, "ms"}, Unit{1e-6, "µs"}})
        if (delay.duration >= seconds) return fmt::format("{:.3g} {}", delay.duration / seconds, name);
    return fmt::format("{:.3g} ns", delay.duration * 1e9);
}

std::vector<Qubit> sorted(std::vector<Qubit> qubits) {
    std::sort(qubits.begin(), qubits.end());
    return qubits;
}

class Layouter {
  public:
    Layouter(const Circuit& circuit, const DrawingOptions& options) : circuit_(circuit), options_(options) {
        if (!options.wire_names.empty() && options.wire_names.size() != circuit.num_qubits())
            throw Error(ErrorKind::invalid_input,
                        fmt::format("{} names for the wires of {} qubits", options.wire_names.size(),
                                    circuit.num_qubits()));
        choose_wires();
        free_column_.assign(layout_.qubit_wires.size() + layout_.clbit_wires.size(), 0);
    }

    CircuitLayout lay_out() {
        place(circuit_.operations(), 0);
        for (const std::size_t column : free_column_) layout_.columns = std::max(layout_.columns, column);
        cut();
        return std::move(layout_);
    }

  private:
    void choose_wires() {
        std::vector<bool> is_used(circuit_.num_qubits(), options_.has_idle_wires);
        std::vector<bool> is_read(circuit_.clbit_registers().size(), options_.has_idle_wires);
        const auto read = [&](Clbit bit) { is_read[register_of(bit)] = true; };
        for_each_operation(circuit_.operations(), [&](const Operation& operation) {
            if (std::holds_alternative<Barrier>(operation.kind())) return;
            for (const Qubit qubit : qubits_of(operation)) is_used[qubit] = true;
            for (const Clbit bit : bits_written(operation)) read(bit);
            for (const Clbit bit : bits_read(operation)) read(bit);
        });
        const auto names = wire_names();
        for (Qubit qubit = 0; qubit < circuit_.num_qubits(); ++qubit)
            if (is_used[qubit]) {
                wire_of_qubit_[qubit] = layout_.qubit_wires.size();
                layout_.qubit_wires.push_back(names[qubit]);
            }
        for (std::size_t k = 0; k < is_read.size(); ++k)
            if (is_read[k]) {
                const Register& bits = circuit_.clbit_registers()[k];
                wire_of_register_[k] = layout_.clbit_wires.size();
                layout_.clbit_wires.push_back(fmt::format("{}/{}", bits.name, bits.size));
            }
    }

    std::vector<std::string> wire_names() const {
        if (!options_.wire_names.empty()) return options_.wire_names;
        std::vector<std::string> names(circuit_.num_qubits());
        for (const Register& qubits : circuit_.qubit_registers())
            for (std::uint32_t k = 0; k < qubits.size; ++k)
                names[qubits.offset + k] = fmt::format("{}[{}]", qubits.name, k);
        return names;
    }

    std::size_t register_of(Clbit bit) const {
        const auto& registers = circuit_.clbit_registers();
        for (std::size_t k = 0; k < registers.size(); ++k)
            if (bit >= registers[k].offset && bit < registers[k].offset + registers[k].size) return k;
        throw Error(ErrorKind::internal, fmt::format("bit {} is in no register", bit));
    }

    std::size_t clbit_row(std::size_t clbit_wire) const { return layout_.qubit_wires.size() + clbit_wire; }

    /// The first column free on rows top..bottom, taken up to and with that of `columns` columns.
    std::size_t take(std::size_t top, std::size_t bottom, std::size_t columns = 1) {
        std::size_t column = 0;
        for (std::size_t row = top; row <= bottom; ++row) column = std::max(column, free_column_[row]);
        for (std::size_t row = top; row <= bottom; ++row) free_column_[row] = column + columns;
        return column;
    }

    void place(const std::vector<Operation>& operations, std::size_t depth) {
        for (const Operation& operation : operations)
            std::visit(overloaded{[&](const Gate& gate) { place_gate(gate); },
                                  [&](const Measure& measure) { place_measure(measure); },
                                  [&](const Reset& reset) {
                                      add({{wire(reset.qubit), Symbol::reset, "|0⟩"}});
                                  },
                                  [&](const Barrier& barrier) { place_barrier(barrier); },
                                  [&](const Delay& delay) {
                                      add({{wire(delay.qubit), Symbol::delay, "delay", delay_text(delay)}});
                                  },
                                  [&](const Prepare& prepare) { place_prepare(prepare); },
                                  [&](const IfElse&) { place_bodies(operation, depth); },
                                  [&](const While&) { place_bodies(operation, depth); },
                                  [&](const Store& store) { place_store(store); }},
                       operation.kind());
    }

    std::size_t wire(Qubit qubit) const { return wire_of_qubit_.at(qubit); }

    void add(std::vector<Mark> marks) {
        if (marks.empty()) return;
        std::sort(marks.begin(), marks.end(), [](const Mark& a, const Mark& b) { return a.wire < b.wire; });
        const std::size_t column = take(marks.front().wire, marks.back().wire);
        layout_.items.push_back({column, std::move(marks)});
    }

    void place_gate(const Gate& gate) {
        const GateRow& row = gate_row(gate.id);
        GatePicture picture{gate.id, 0, Symbol::box, {}};
        for (const GatePicture& known : kPictures)
            if (known.gate == gate.id) picture = known;
        const std::string name = picture.name.empty() ? upper(row.name) : std::string(picture.name);
        const std::string detail = angles_text(gate.angles, circuit_.parameters());
        // A gate of one box a qubit says which is which unless the qubits may trade places.
        const bool has_pins =
            picture.symbol == Symbol::box && picture.controls == 0 && row.qubits > 1 && !row.is_symmetric;
        std::vector<Mark> marks;
        for (std::size_t k = 0; k < gate.qubits.size(); ++k) {
            if (k < picture.controls)
                marks.push_back({wire(gate.qubits[k]), Symbol::control});
            else if (picture.symbol == Symbol::box)
                marks.push_back(
                    {wire(gate.qubits[k]), Symbol::box, name, detail, has_pins ? std::to_string(k) : ""});
            else
                marks.push_back({wire(gate.qubits[k]), picture.symbol});
        }
        add(std::move(marks));
    }

    void place_prepare(const Prepare& prepare) {
        std::vector<Mark> marks;
        for (std::size_t k = 0; k < prepare.qubits.size(); ++k)
            marks.push_back({wire(prepare.qubits[k]), Symbol::box, "prepare", "",
                             prepare.qubits.size() > 1 ? std::to_string(k) : ""});
        add(std::move(marks));
    }

    void place_barrier(const Barrier& barrier) {
        std::vector<Mark> marks;
        for (const Qubit qubit : sorted(barrier.qubits))
            if (wire_of_qubit_.count(qubit)) marks.push_back({wire(qubit), Symbol::barrier});
        add(std::move(marks));
    }

    void place_measure(const Measure& measure) {
        const std::size_t index = register_of(measure.clbit);
        const std::size_t clbit_wire = wire_of_register_.at(index);
        const std::size_t column = take(wire(measure.qubit), clbit_row(clbit_wire));
        layout_.items.push_back({column,
                                 {{wire(measure.qubit), Symbol::measure, "M"}},
                                 clbit_wire,
                                 std::to_string(measure.clbit - circuit_.clbit_registers()[index].offset)});
    }

    void place_store(const Store& store) {
        const Register& of = circuit_.clbit_registers()[register_of(store.targets[0])];
        const std::size_t row = clbit_row(wire_of_register_.at(register_of(store.targets[0])));
        const std::string index =
            of.size == store.targets.size() ? "" : fmt::format("[{}]", store.targets[0] - of.offset);
        add({{row, Symbol::box,
              fmt::format("{}{} := {}", of.name, index, formula_text(circuit_, store.bits, store.formula))}});
    }

    void place_bodies(const Operation& operation, std::size_t depth) {
        std::vector<Qubit> qubits = qubits_of(operation);
        std::erase_if(qubits, [&](Qubit qubit) { return wire_of_qubit_.count(qubit) == 0; });
        const Condition& condition = *condition_of(operation);
        std::vector<std::size_t> rows;
        for (const Qubit qubit : qubits) rows.push_back(wire(qubit));
        for_each_operation({&operation, 1}, [&](const Operation& inner) {
            if (std::holds_alternative<Store>(inner.kind()))
                rows.push_back(clbit_row(wire_of_register_.at(register_of(bits_written(inner)[0]))));
        });
        if (rows.empty()) return;
        std::vector<std::size_t> clbit_wires;
        for (const Clbit bit : condition.bits) clbit_wires.push_back(wire_of_register_.at(register_of(bit)));
        std::sort(clbit_wires.begin(), clbit_wires.end());
        clbit_wires.erase(std::unique(clbit_wires.begin(), clbit_wires.end()), clbit_wires.end());
        const auto [top, bottom] = std::minmax_element(rows.begin(), rows.end());
        const std::size_t reach =
            clbit_wires.empty() ? *bottom : std::max(*bottom, clbit_row(clbit_wires.back()));
        const bool is_loop = std::holds_alternative<While>(operation.kind());
        std::string label = fmt::format("{} {}", is_loop ? "while" : "if", condition_text(condition));
        for (const auto* body : bodies_of(operation)) {
            if (body->empty() && label == "else") continue;
            place_arm(*body, {0, 0, *top, *bottom, label, clbit_wires, depth}, reach);
            label = "else";
            clbit_wires.clear();
        }
    }

    void place_arm(const std::vector<Operation>& body, Frame frame, std::size_t reach) {
        frame.first_column = take(frame.top, reach);
        const std::size_t index = layout_.frames.size();
        layout_.frames.push_back(frame);
        place(body, frame.depth + 1);
        layout_.frames[index].last_column = take(frame.top, reach);
    }

    std::string condition_text(const Condition& condition) const {
        if (!condition.formula.empty()) return formula_text(circuit_, condition.bits, condition.formula);
        std::string bits;
        for (const Clbit bit : condition.bits) {
            const Register& of = circuit_.clbit_registers()[register_of(bit)];
            // Highest first, as the value is read.
            bits = fmt::format("{}[{}]{}{}", of.name, bit - of.offset, bits.empty() ? "" : " ", bits);
        }
        return fmt::format("{} = {}", bits, condition.value);
    }

    /// Leaves out what stands beyond the columns that are asked for.
    void cut() {
        if (options_.max_columns == 0 || layout_.columns <= options_.max_columns) return;
        const std::size_t end = options_.max_columns;
        const auto is_beyond = [&](const auto& item) { return item.column >= end; };
        const auto kept =
            std::stable_partition(layout_.items.begin(), layout_.items.end(), std::not_fn(is_beyond));
        for (auto item = kept; item != layout_.items.end(); ++item)
            if (item->marks.front().symbol != Symbol::barrier) ++layout_.left_out;
        layout_.items.erase(kept, layout_.items.end());
        std::erase_if(layout_.frames, [&](const Frame& frame) { return frame.first_column >= end; });
        layout_.columns = end;
    }

    const Circuit& circuit_;
    const DrawingOptions& options_;
    CircuitLayout layout_;
    std::map<Qubit, std::size_t> wire_of_qubit_;
    std::map<std::size_t, std::size_t> wire_of_register_;
    std::vector<std::size_t> free_column_;
};

}  // namespace

std::string short_angle(const Angle& angle, const std::vector<std::string>& parameters) {
    std::string text;
    for (const Angle::Term& term : angle.terms()) {
        const std::string& name = parameters.at(term.parameter);
        const double size = std::abs(term.coefficient);
        if (term.coefficient < 0)
            text += "-";
        else if (!text.empty())
            text += "+";
        text += size == 1 ? name : fmt::format("{:.3g}*{}", size, name);
    }
    if (text.empty()) return short_number(angle.constant());
    if (angle.constant() == 0) return text;
    return text + (angle.constant() > 0 ? "+" : "") + short_number(angle.constant());
}

CircuitLayout lay_out(const Circuit& circuit, const DrawingOptions& options) {
    return Layouter(circuit, options).lay_out();
}

std::vector<std::size_t> wrap_columns(const CircuitLayout& layout, const std::vector<double>& widths,
                                      double width) {
    std::vector<bool> is_right_edge(widths.size() + 1);
    for (const Frame& frame : layout.frames) is_right_edge[std::min(frame.last_column, widths.size())] = true;
    std::vector<std::size_t> starts{0};
    double used = 0;
    for (std::size_t column = 0; column < widths.size(); ++column) {
        if (column > starts.back() && used + widths[column] > width) {
            std::size_t start = column;
            while (start > starts.back() && is_right_edge[start]) --start;
            if (start == starts.back()) start = column;
            starts.push_back(start);
            used = 0;
            for (std::size_t k = start; k < column; ++k) used += widths[k];
        }
        used += widths[column];
    }
    starts.push_back(widths.size());
    return starts;
}

}  // namespace qdcnn::report
