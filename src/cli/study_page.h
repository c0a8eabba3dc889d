#pragma once

#include <string>

#include "qdcnn/run/study.h"

namespace qdcnn::cli {

/// One HTML file: a section for each task with accuracies, p-values, noise and gates as figures and tables.
std::string study_page(const run::StudyResult& result, const run::StudyRequest& request);

}  // namespace qdcnn::cli
