#include "fuzz/input.h"
#include "vendors/ibm/errors.h"

// The first byte says the status, the rest is the body. Whatever it is, the error has one line of bounded
// length, without control characters.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace qdcnn;
    fuzz::Input input(data, size);
    const int status = 400 + input.byte() % 200;
    const http::Response response{.status = status, .headers = {}, .body = input.rest()};
    const Error error = vendors::ibm::error_of(response, "asking");
    const std::string text = std::string(error.what()) + error.hint();
    fuzz::expect(text.size() < 2000, "a long message", text);
    for (const char c : text)
        fuzz::expect(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f, "a control character", text);
    fuzz::expect(text.starts_with("asking: IBM Quantum answered"), "what was asked for", text);
    fuzz::expect(error.kind() != ErrorKind::internal, "a kind", text);
    return 0;
}
