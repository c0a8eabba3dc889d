#include "fuzz/input.h"
#include "qdcnn/base/json.h"

// The first line says how to walk, the rest is JSON. What is read is written and read again the same; a walk
// that asks for what is not there ends in an error that names the path.
namespace {

using namespace qdcnn;

void walk(const JsonView& start, const std::string& steps) {
    JsonView at = start;
    for (const char step : steps) {
        switch (step % 8) {
            case 0:
                at = at.at(static_cast<std::size_t>(step) / 8);
                break;
            case 1:
                at = at.at(std::string(1, step));
                break;
            case 2: {
                const auto keys = at.keys();
                if (keys.empty()) return;
                at = at.at(keys[static_cast<std::size_t>(step) / 8 % keys.size()]);
                break;
            }
            case 3:
                at.numbers();
                break;
            case 4:
                at.texts();
                break;
            case 5:
                at.integer();
                break;
            case 6:
                at.boolean_or("a", at.number_or("b", 0) > 0);
                break;
            default:
                at.text();
                break;
        }
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::Input input(data, size);
    const std::string steps = input.line();
    const std::string text = input.rest();
    nlohmann::json document;
    try {
        document = parse_json(text, "input.json");
    } catch (const Error& error) {
        fuzz::expect(error.kind() == ErrorKind::parse && error.position().has_value(), "kind or place",
                     error.what());
        const auto lines = std::count(text.begin(), text.end(), '\n');
        fuzz::expect(error.position()->line <= lines + 1, "a line that is not there", text);
        return 0;
    }
    fuzz::message_of({ErrorKind::invalid_input}, [&] { walk(JsonView(document, ""), steps); });
    for (const int indent : {-1, 2})
        fuzz::expect(parse_json(to_text(document, indent), "again") == document,
                     "it is read differently again", text);
    return 0;
}
