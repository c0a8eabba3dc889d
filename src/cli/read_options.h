#pragma once

#include <vector>

#include "cli/options.h"
#include "qdcnn/qasm/reader.h"

namespace qdcnn::cli {

/// --max-operations and --inputs, for commands that read OpenQASM and nothing else.
void add_read_options(Options& options);

/// What they say; the options refer to `given` and to this.
class GivenReadOptions {
  public:
    explicit GivenReadOptions(const ParsedOptions& given);
    GivenReadOptions(const GivenReadOptions&) = delete;
    GivenReadOptions& operator=(const GivenReadOptions&) = delete;

    operator const qasm::ReadOptions&() const { return options_; }

  private:
    std::vector<std::string> items_;
    std::vector<qasm::InputValue> inputs_;
    qasm::ReadOptions options_;
};

}  // namespace qdcnn::cli
