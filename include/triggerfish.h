// Triggerfish as a C library: load trained models, run events through them, bit for bit as the firmware will.
//
// Functions return 0, or one of the command line's exit codes (docs/exit-codes.md) and a message, which the caller
// frees with tf_free_message. Nothing is global: many models can be loaded at once, and any number of threads may
// run the same model.
#ifndef TRIGGERFISH_H
#define TRIGGERFISH_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct tf_model tf_model;

// The library's version, as in "0.1.0", and the commit it was built from. Not to be freed.
const char *tf_version(void);
const char *tf_commit(void);

// The tensors of a model.
enum tf_tensors { TF_INPUTS = 0, TF_OUTPUTS = 1, TF_LAYERS = 2 };
// Numbers: float32 and float64 are values; TF_WORDS are int64 raw words, value * 2^(fraction bits).
enum tf_numbers { TF_FLOAT32 = 0, TF_FLOAT64 = 1, TF_WORDS = 2 };

// Loads and lowers a model, as `triggerfish emulate MODEL` does.
//   path: Keras .json, .h5 or .keras. weights, config, numerics ("hls4ml", "exact"): as on the command line, or NULL.
//   word_length: bits per word of float models under exact numerics; 0 for 16.
//   calibrate: event files, one per model input, or NULL. threads: 0 for all cores.
int32_t tf_load(
    const char *path, const char *weights, const char *config, const char *numerics, int32_t word_length,
    const char *const *calibrate, size_t calibrate_count, int32_t threads, tf_model **model, char **message);
void tf_free(tf_model *model);
// Frees a message, or any other text that a call gave.
void tf_free_message(char *message);

// What the user should know about the loaded model, a line each; the model's to free.
const char *tf_notes(const tf_model *model);

// The model's tensors: how many, and of one its name, its format (hls4ml's spelling) and its shape without the
// batch axis. NULL or 0 where there is none of that number. Names and formats are the model's to free.
size_t tf_count(const tf_model *model, int32_t tensors);
const char *tf_name(const tf_model *model, int32_t tensors, size_t index);
const char *tf_format(const tf_model *model, int32_t tensors, size_t index);
size_t tf_rank(const tf_model *model, int32_t tensors, size_t index);
size_t tf_dimension(const tf_model *model, int32_t tensors, size_t index, size_t axis);

// Runs events.
//   inputs: per model input the numbers, row major, events first.
//   tensors: TF_OUTPUTS or TF_LAYERS. results: per such tensor room for the numbers of all events.
//   result_numbers: TF_FLOAT64 or TF_WORDS.
int32_t tf_run(
    const tf_model *model, size_t events, const void *const *inputs, int32_t input_numbers, int32_t tensors,
    void *const *results, int32_t result_numbers, char **message);

// Texts that calls give (`json`, `html`) are the caller's, who frees them with tf_free_message. `options` are a JSON object of
// the command line's options by their names without the dashes ({"clock": "5ns", "max-lut": "15%", "keep": ["fc1"]}), or NULL;
// an option that a call does not have is refused.

// Loads a model, as tf_load does. options: model, weights, config, numerics, word-length, calibrate, threads; of trees transform
// ("logistic", "softmax": behind the margins) and missing (true: NaN is a missing number, also for tf_run); hidden-folder:
// a folder whose files messages call by their names alone.
int32_t tf_open(const char *options, tf_model **model, char **message);

// hls4ml's configuration of a model to start from: a JSON array of layers {name, className, precision: [{name, type}],
// settings}, as its config_from_keras_model makes them.
int32_t tf_configuration(const char *path, const char *weights, char **json, char **message);

// The report of a design (docs/report.schema.json), or the page that shows it. options: those of `triggerfish compile`
// that choose a design: part, parts (a file of your own), clock, io, mul-impl, table-impl, strategy, reuse-factor, parallelization-factor,
// keep, budget, ii, max-dsp, …; tf_page: besides, input: event files, on which the page compares with the float model.
int32_t tf_report(const tf_model *model, const char *options, char **json, char **message);
int32_t tf_page(const tf_model *model, const char *options, char **html, char **message);

// The designs worth having, as `triggerfish explore --json` lists them. options: those of tf_report; backend.
int32_t tf_explore(const tf_model *model, const char *options, char **json, char **message);

// Where and why the numbers part from the float model's, layer by layer, as `triggerfish compare` tells: its JSON and, where
// `text` is not NULL, its table. options: input, event files; none: events made up from the inputs' formats.
int32_t tf_compare(const tf_model *model, const char *options, char **json, char **text, char **message);

// The table of a comparison, from its JSON: of one that was added up from parts, too.
int32_t tf_show_comparison(const char *json, char **text, char **message);

// Writes the project, as `triggerfish compile --output FOLDER` does; `json`, where it is not NULL, gets the report. options:
// those of tf_report; backend: what is written, "hls" unless told otherwise; test-events: event files for the test bench.
//   force: whether files of an earlier project are replaced that somebody changed since.
int32_t tf_write(
    const tf_model *model, const char *options, const char *folder, int32_t force, char **json, char **message);

// Holds a project against limits, as `triggerfish check` does: a JSON array of verdicts {name, actual, allowed, passed,
// note, relation}. Returns 0 where everything could be checked, whether or not it passed. options: those of
// `triggerfish check`: budget, …, sigma, input, expect, min-agreement, reference, bit-exact, ap-types, baseline, allow.
int32_t tf_check(const char *folder, const char *options, char **json, char **message);

// Builds what tf_write wrote, runs it, and compares every word with the emulator's, as `triggerfish verify` does: a JSON object
// {words, events, layers} of what was compared. Returns 1 where a word differs, with the first one in the message. options: input,
// trace, ap-types.
int32_t tf_verify(const char *folder, const char *options, char **json, char **message);

// SHA-256 of the model's arithmetic in its text form, as `triggerfish inspect --program MODEL | sha256sum` prints it, and the
// policy ("hls4ml", "exact") and name: the model's to free.
const char *tf_digest(const tf_model *model);
const char *tf_model_name(const tf_model *model);
const char *tf_numerics(const tf_model *model);

// Runs events and counts them by output word, as `triggerfish rates --output` does: its JSON (docs/rates.md).
//   events, inputs, input_numbers: as for tf_run. labels: int64, weights: float64, reference: the float model's outputs, float64; one
//   per event, or NULL.
//   options: score, signal, background, crossing-rate, weight-bits, threshold-step, float: as on the command line; file (the files the
//   events are from), first (the number of the first one in them) and of (how many there are in them).
int32_t tf_rates(
    const tf_model *model, const char *options, size_t events, const void *const *inputs, int32_t input_numbers,
    const int64_t *labels, const double *weights, const double *reference, char **json, char **message);

// Adds up what tf_rates gave for parts. options: complete (whether every event of every file must be in a part; else more can be
// added later), expect-events.
int32_t tf_join_rates(const char *const *parts, size_t count, const char *options, char **json, char **message);

// Rates for people (form "table"), every threshold ("csv"), or with the thresholds for wanted rates and efficiencies ("json", of the
// first). Several results stand side by side; they must be of the same events. options: form, rate, efficiency.
int32_t tf_show_rates(const char *const *results, size_t count, const char *options, char **text, char **message);

// Puts parts together, as `triggerfish join` does; `events`, where it is not NULL, gets how many there are. options: part (files that
// `rates --output` or `emulate --record` wrote), output, record, expect-events.
int32_t tf_join(const char *options, size_t *events, char **message);

// The digest of numbers as results name it (docs/rates.md), to be added modulo 2^64 to that of others.
//   numbers: TF_FLOAT32, TF_FLOAT64 or TF_WORDS. position: of the first one, among all numbers of all events.
uint64_t tf_add_digest(const void *values, size_t count, int32_t numbers, size_t position);

#ifdef __cplusplus
}
#endif
#endif
