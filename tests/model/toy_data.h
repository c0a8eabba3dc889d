#pragma once

#include "qdcnn/text/dataset.h"

namespace qdcnn::test {

/// Three classes, nine short sentences; 9 words with <UNK> and <PAD>, so 4 qubits.
inline text::Dataset toy_data() {
    return text::parse_dataset(
        "warm red glows\nwarm red burns\nwarm fire burns\ncold blue calms\ncold ice calms\ncold blue ice\n"
        "grey ash lies\ngrey ash calms\ngrey ash glows\n",
        "toy.txt");
}

inline text::Dataset toy_dev() {
    return text::parse_dataset("warm fire glows\ncold ice blue\ngrey ash ash\n", "dev.txt");
}

}  // namespace qdcnn::test
