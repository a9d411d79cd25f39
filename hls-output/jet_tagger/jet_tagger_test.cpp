// Test bench: runs jet_tagger on the events of tb_data/inputs.dat (one event a line, raw integers, inputs one after
// the other), writes the raw outputs to tb_data/results.dat, and compares them with tb_data/expected.dat, which
// holds the words of Triggerfish's emulator. Returns 0 if all are equal, 1 if some differ, 2 if it cannot tell.
// Other files can be named: jet_tagger_test [inputs [results [trace]]]; then nothing is compared.
#include "firmware/jet_tagger.h"
#include "tf_host.h"

#ifdef TF_TRACE
#include "tf_trace.h"
FILE *tf::trace_file = 0;
#endif

static const size_t input_words = 16;
static const size_t output_words = 5;

static void run(const std::vector<tf::integer> &in, std::vector<tf::integer> &out) {
  static fc1_input_t fc1_input_in[16];
  for (int k = 0; k < 16; k++) fc1_input_in[k] = tf::from_raw<fc1_input_t>(in[0 + k]);
  static softmax_t softmax_out[5];
  jet_tagger(fc1_input_in, softmax_out);
  out.clear();
  for (int k = 0; k < 5; k++) out.push_back(tf::raw<true>::of(softmax_out[k]));
}

int main(int argc, char **argv) {
  const char *inputs_path = argc > 1 ? argv[1] : "tb_data/inputs.dat";
  const char *results_path = argc > 2 ? argv[2] : "tb_data/results.dat";
  FILE *inputs = fopen(inputs_path, "r");
  FILE *results = fopen(results_path, "w");
  const bool compares = argc <= 1;
  FILE *expected = compares ? fopen("tb_data/expected.dat", "r") : 0;
  if (!inputs || !results || (compares && !expected)) {
    fprintf(stderr, "cannot open %s\n", !inputs ? inputs_path : !results ? results_path : "tb_data/expected.dat");
    return 2;
  }
#ifdef TF_TRACE
  if (argc > 3) tf::trace_file = fopen(argv[3], "w");
#endif
  std::vector<tf::integer> in, out, wanted;
  long events = 0, wrong = 0;
  while (tf::read_line(inputs, in)) {
    if (in.size() != input_words) {
      fprintf(stderr, "event %ld has %lu words, not %lu\n", events, (unsigned long)in.size(),
              (unsigned long)input_words);
      return 2;
    }
    run(in, out);
    tf::write_line(results, out);
    if (compares) {
      if (!tf::read_line(expected, wanted) || wanted.size() != output_words) {
        fprintf(stderr, "tb_data/expected.dat has no %lu words for event %ld\n", (unsigned long)output_words, events);
        return 2;
      }
      for (size_t k = 0; k < output_words; k++) wrong += wanted[k] != out[k];
    }
    events++;
  }
  if (compares && (events == 0 || tf::read_line(expected, wanted))) {
    fprintf(stderr, "tb_data/inputs.dat and tb_data/expected.dat are not of the same events\n");
    return 2;
  }
  fclose(inputs);
  if (expected) fclose(expected);
#ifdef TF_TRACE
  if (tf::trace_file) fclose(tf::trace_file);
#endif
  if (fclose(results) != 0) return 2;
  printf("%ld events", events);
  if (compares) printf(", %ld of %lu words differ from tb_data/expected.dat", wrong,
                       (unsigned long)(events * output_words));
  printf("\n");
  return wrong == 0 ? 0 : 1;
}
