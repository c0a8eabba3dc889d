#include "fuzz/input.h"
#include "qdcnn/accounts/settings.h"
#include "qdcnn/base/redact.h"

// Any bytes as a project's and as a user's file: known settings of their type, or an error with its place.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace qdcnn;
    using fuzz::expect;
    const std::string text(reinterpret_cast<const char*>(data), size);
    for (const accounts::Level level : {accounts::Level::project, accounts::Level::user}) {
        try {
            for (const auto& [name, value] :
                 accounts::parse_settings(text, "/home/x/qdcnn.toml", level, "/home/x")) {
                const auto rows = accounts::setting_rows();
                const auto row = std::find_if(rows.begin(), rows.end(),
                                              [&name = name](const auto& one) { return one.name == name; });
                expect(row != rows.end(), "an unknown setting", name);
                expect(level == accounts::Level::user || row->in_project != accounts::InProject::refused,
                       "a project may not set this", name);
                expect(!value.text.empty() && value.text.find('\0') == std::string::npos, "no value", name);
                expect(value.level == level && value.place.starts_with("/home/x/qdcnn.toml:"), "no origin",
                       name);
                expect(redactor().redact(value.text) == value.text, "a secret", value.text);
                if (row->type == accounts::SettingType::path)
                    expect(value.text[0] == '/', "no path", value.text);
            }
        } catch (const Error& error) {
            expect(error.kind() == ErrorKind::parse || error.kind() == ErrorKind::invalid_input, "kind",
                   error.what());
            expect(error.position().has_value(), "an error without its place", error.what());
        }
    }
    return 0;
}
