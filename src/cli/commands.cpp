#include "cli/commands.h"

namespace qdcnn::cli {

// Defined in command_<name>.cpp.
Options train_options();
int run_train(const ParsedOptions&, Console&);
Options eval_options();
int run_eval(const ParsedOptions&, Console&);
Options predict_options();
int run_predict(const ParsedOptions&, Console&);
Options emit_options();
int run_emit(const ParsedOptions&, Console&);
Options show_options();
int run_show(const ParsedOptions&, Console&);
Options check_options();
int run_check(const ParsedOptions&, Console&);
Options simulate_options();
int run_simulate(const ParsedOptions&, Console&);
Options transpile_options();
int run_transpile(const ParsedOptions&, Console&);
Options device_options();
int run_device(const ParsedOptions&, Console&);
Options report_options();
int run_report(const ParsedOptions&, Console&);
Options sweep_options();
int run_sweep(const ParsedOptions&, Console&);
Options study_options();
int run_study(const ParsedOptions&, Console&);
Options serve_options();
int run_serve(const ParsedOptions&, Console&);
Options submit_options();
int run_submit(const ParsedOptions&, Console&);
Options job_options();
int run_job(const ParsedOptions&, Console&);
Options estimate_options();
int run_estimate(const ParsedOptions&, Console&);
Options cost_options();
int run_cost(const ParsedOptions&, Console&);
Options auth_options();
int run_auth(const ParsedOptions&, Console&);
Options doctor_options();
int run_doctor(const ParsedOptions&, Console&);
Options config_options();
int run_config(const ParsedOptions&, Console&);

std::span<const Command> commands() {
    static const std::vector<Command> table{
        {"train", "trains a model on labelled sentences", train_options, run_train},
        {"eval", "predicts labelled sentences and says how well", eval_options, run_eval},
        {"predict", "predicts the class of sentences", predict_options, run_predict},
        {"emit", "writes a sentence's circuits as OpenQASM", emit_options, run_emit},
        {"show", "draws a circuit", show_options, run_show},
        {"check", "tells all errors of an OpenQASM file", check_options, run_check},
        {"simulate", "runs a circuit here, with or without noise", simulate_options, run_simulate},
        {"transpile", "brings a circuit onto a device", transpile_options, run_transpile},
        {"submit", "sends a circuit or a model's round to a device", submit_options, run_submit},
        {"job", "the jobs that were sent: list, wait, fetch, ...", job_options, run_job},
        {"estimate", "what a job would cost, and how well it would run", estimate_options, run_estimate},
        {"cost", "what the jobs cost", cost_options, run_cost},
        {"device", "lists devices and shows one", device_options, run_device},
        {"report", "puts results on one HTML page", report_options, run_report},
        {"study", "compares models on the same data", study_options, run_study},
        {"sweep", "accuracy against noise strength", sweep_options, run_sweep},
        {"auth", "keeps a vendor's token: login, status, logout", auth_options, run_auth},
        {"config", "shows the settings and their origins", config_options, run_config},
        {"doctor", "tells what is not in order here", doctor_options, run_doctor},
        {"serve", "serves IBM's API here, simulated", serve_options, run_serve},
    };
    return table;
}

}  // namespace qdcnn::cli
