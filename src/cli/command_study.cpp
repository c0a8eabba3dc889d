#include <fmt/format.h>

#include <algorithm>
#include <ostream>
#include <thread>

#include "cli/commands.h"
#include "cli/progress.h"
#include "cli/scales.h"
#include "cli/study_page.h"
#include "cli/study_tables.h"
#include "qdcnn/base/cpu_time.h"
#include "qdcnn/base/error.h"
#include "qdcnn/base/files.h"
#include "qdcnn/base/json.h"
#include "qdcnn/report/table.h"
#include "qdcnn/run/study.h"
#include "qdcnn/target/devices.h"

namespace qdcnn::cli {
namespace {

using nlohmann::ordered_json;

/// The published network, this one, its linear twin, and what anybody would try first.
constexpr const char* kDefaultModels = "coherent,staged,linear,logistic,majority";

/// "2/4": the second of four.
void read_shard(const ParsedOptions& given, run::StudyRequest& request) {
    const auto text = given.text("shard");
    if (!text) return;
    std::size_t index = 0, count = 0, used = 0;
    try {
        const std::size_t slash = text->find('/');
        index = std::stoul(text->substr(0, slash), &used);
        if (used != slash) index = 0;
        count = std::stoul(text->substr(slash + 1), &used);
        if (used != text->size() - slash - 1) count = 0;
    } catch (const std::exception&) {
        index = 0;
    }
    if (index < 1 || index > count)
        throw Error(ErrorKind::usage, fmt::format("--shard {}: expected I/N, I from 1 to N", *text));
    request.shard = index - 1;
    request.shards = count;
}

/// Every device at every scale; noiseless with shots where only --shots is given.
void read_conditions(const ParsedOptions& given, run::StudyRequest& request) {
    std::optional<std::uint64_t> shots;
    if (const auto number = given.integer("shots", 1, 1'000'000'000))
        shots = static_cast<std::uint64_t>(*number);
    if (shots) request.conditions.push_back({"", 1.0, shots});
    const std::vector<double> scales = read_scales(given.text_or("scale", "1:1:1"));
    if (!given.has("noise")) {
        if (given.has("scale"))
            throw Error(ErrorKind::usage,
                        "--scale goes with --noise DEVICE: there is no other noise to scale");
        return;
    }
    for (const std::string& device : given.list_or("noise", ""))
        for (const double scale : scales) request.conditions.push_back({device, scale, shots});
}

run::StudyRequest request_of(const ParsedOptions& given) {
    run::StudyRequest request;
    request.seeds = static_cast<std::size_t>(given.integer("seeds", 1, 100'000).value_or(20));
    request.folds = static_cast<std::size_t>(given.integer("folds", 0, 1000).value_or(5));
    if (request.folds == 1) throw Error(ErrorKind::usage, "--folds 1: expected 0 (none) or 2 and more");
    request.inner_dev = given.number("inner-dev", 0.0, 0.9).value_or(0.0);
    if (const auto epochs = given.integer("epochs", 1, 1'000'000))
        request.epochs = static_cast<std::size_t>(*epochs);
    const auto cores = static_cast<std::int64_t>(std::max(1U, std::thread::hardware_concurrency()));
    request.threads = static_cast<std::size_t>(given.integer("threads", 1, 1024).value_or(cores));
    read_conditions(given, request);
    if (given.has("device")) request.devices = given.list_or("device", "");
    for (const std::string& device : request.devices) target::load_target(device);
    read_shard(given, request);
    for (const std::string& row : given.list_or("models", kDefaultModels))
        request.rows.push_back(run::study_row(row));
    for (const std::string& task : given.words()) request.tasks.push_back(run::study_task(task));
    request.folder = *given.text("output");
    return request;
}

}  // namespace

Options study_options() {
    Options options("study", "Compares models on the same data: many seeds, intervals, exact tests.");
    options.positional(
        "TASK",
        "a folder with train.csv and, if there are any, dev.csv and test.csv; builtin:NAME; or "
        "NAME:train=FILE,dev=FILE,test=FILE",
        true);
    options.value(
        "models", "LIST",
        fmt::format("NAME or NAME:PRESET, with commas; NAME:PRESET+PRESET chooses by "
                    "cross-validation inside the training data, @TASK keeps it to one task (default {})",
                    kDefaultModels));
    options.value("seeds", "N", "seeds 1 to N (default 20)");
    options.value("folds", "K", "of the stratified cross-validation over all of a task; 0: none (default 5)");
    options.value("inner-dev", "F",
                  "share of each training fold on which the epoch is chosen (default 0: the last is kept)");
    options.value("epochs", "N", "instead of the presets'");
    options.value("shots", "N", "the trained models also predict with so many shots, without noise");
    options.value("noise", "LIST", "and under the noise of these devices (with these shots, else exactly)");
    options.value("scale", "FROM:TO:POINTS", "of the devices' noise (default 1:1:1, as calibrated)");
    options.value("device", "LIST", "counts gates, depth and time of a sentence on these devices");
    options.value("threads", "N", "cells at once (default: the cores)");
    options.value("shard", "I/N", "does the I-th of N parts; the same folder gathers them");
    options
        .value("output", "DIR", "the folder: finished cells, study.txt, study.csv, study.json, study.html",
               'o')
        .required();
    return options;
}

int run_study(const ParsedOptions& given, Console& console) {
    const run::StudyRequest request = request_of(given);
    const double start = wall_seconds();
    run::StudyResult result;
    {
        Progress bar(console, "study");
        result = run::study(request, [&](std::size_t done, std::size_t total, const std::string& name) {
            bar.update(done, total, name);
        });
    }
    const ordered_json answer = study_json(result, request, wall_seconds() - start);
    const std::string text = study_text(result, request);
    write_file_atomic(request.folder + "/study.txt", text);
    write_file_atomic(request.folder + "/study.csv", report::to_csv(study_lines(result)));
    write_file_atomic(request.folder + "/study.json", to_text(answer, 1) + "\n");
    write_file_atomic(request.folder + "/study.html", study_page(result, request));
    if (given.json())
        console.out << to_text(answer) << '\n';
    else
        console.out << text;
    return 0;
}

}  // namespace qdcnn::cli
