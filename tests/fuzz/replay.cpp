// A fuzz target among the regular tests: every file of its corpus, what is left of it when it is cut short,
// and some thousand changes of it, the same ones each time.
#include <gtest/gtest.h>

#include <filesystem>
#include <vector>

#include "qdcnn/base/files.h"
#include "qdcnn/base/random.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace qdcnn::fuzz {
namespace {

void run(const std::string& input) {
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
}

std::vector<std::string> corpus() {
    std::vector<std::filesystem::path> paths;
    for (const auto& file : std::filesystem::recursive_directory_iterator(QDCNN_CORPUS))
        if (file.is_regular_file()) paths.push_back(file.path());
    std::sort(paths.begin(), paths.end());
    std::vector<std::string> files;
    for (const auto& path : paths) files.push_back(read_file(path.string()));
    return files;
}

/// A byte changed, taken out or put in, or a piece of another file.
std::string changed(std::string text, const std::vector<std::string>& files, Random& random) {
    const std::size_t at = random.below(text.size() + 1);
    switch (random.below(4)) {
        case 0:
            if (at < text.size()) text[at] = static_cast<char>(random.below(256));
            break;
        case 1:
            text.erase(at, 1 + random.below(8));
            break;
        case 2:
            text.insert(at, 1, static_cast<char>(random.below(256)));
            break;
        default: {
            const std::string& other = files[random.below(files.size())];
            if (!other.empty()) text.insert(at, other.substr(random.below(other.size()), random.below(32)));
        }
    }
    return text;
}

TEST(FuzzTarget, TakesItsCorpus) {
    const auto files = corpus();
    ASSERT_FALSE(files.empty()) << QDCNN_CORPUS;
    run("");
    for (const std::string& file : files) run(file);
}

TEST(FuzzTarget, TakesItsCorpusCutShort) {
    for (const std::string& file : corpus()) {
        const std::size_t step = std::max<std::size_t>(1, file.size() / 64);
        for (std::size_t size = 0; size < file.size(); size += step) run(file.substr(0, size));
    }
}

TEST(FuzzTarget, TakesItsCorpusChanged) {
    const auto files = corpus();
    Random random(20);
    for (int i = 0; i < QDCNN_CHANGES; ++i) {
        std::string text = files[random.below(files.size())];
        for (std::uint64_t k = 1 + random.below(4); k > 0; --k)
            text = changed(std::move(text), files, random);
        run(text);
    }
}

}  // namespace
}  // namespace qdcnn::fuzz
