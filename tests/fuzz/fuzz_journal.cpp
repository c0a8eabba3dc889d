#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "qdcnn/base/error.h"
#include "qdcnn/run/journal.h"

namespace {

/// Damage is Error(storage), whatever it looks like.
template <typename Read>
void expect_storage_error_at_worst(Read read) {
    try {
        read();
    } catch (const qdcnn::Error& error) {
        if (error.kind() != qdcnn::ErrorKind::storage) std::abort();
    }
}

}  // namespace

/// The bytes as a row's document and as a whole database file.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    expect_storage_error_at_worst([&] { qdcnn::run::read_job_document(text); });
    expect_storage_error_at_worst([&] { qdcnn::run::read_journal_bytes(text); });
    return 0;
}
