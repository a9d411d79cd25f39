{{% CONTENT_TYPE:TEXT}}// Test bench: runs {{top}} on the events of tb_data/inputs.dat (one event a line, raw integers, inputs one after
// the other), writes the raw outputs to tb_data/results.dat, and compares them with tb_data/expected.dat, which
// holds the words of Triggerfish's emulator. Returns 0 if all are equal, 1 if some differ, 2 if it cannot tell.
// Other files can be named: {{top}}_test [inputs [results [trace]]]; then nothing is compared.
#include "firmware/{{top}}.h"
#include "tf_host.h"

#ifdef TF_TRACE
#include "tf_trace.h"
FILE *tf::trace_file = 0;
#endif

static const size_t input_words = {{inputWords}};
static const size_t output_words = {{outputWords}};

static void run(const std::vector<tf::integer> &in, std::vector<tf::integer> &out) {
{{^isStream}}
{{#inputs}}
  static {{type}} {{name}}[{{count}}];
  for (int k = 0; k < {{count}}; k++) {{name}}[k] = tf::from_raw<{{type}}>(in[{{offset}} + k]);
{{/inputs}}
{{#outputs}}
  static {{type}} {{name}}[{{count}}];
{{/outputs}}
  {{top}}({{arguments}});
  out.clear();
{{#outputs}}
  for (int k = 0; k < {{count}}; k++) out.push_back(tf::raw<{{signed}}>::of({{name}}[k]));
{{/outputs}}
{{/isStream}}
{{#isStream}}
{{#inputs}}
  hls::stream<{{token}}> {{name}};
  for (int t = 0; t < {{tokens}}; t++) {
    {{token}} token = 0;
    for (int k = 0; k < {{words}}; k++) {
      const ap_uint<{{width}}> bits = tf::from_raw<ap_uint<{{width}}> >(in[{{offset}} + t * {{words}} + k]);
      token.range((k + 1) * {{width}} - 1, k * {{width}}) = bits;
    }
    {{name}}.write(token);
  }
{{#layers}}
#ifdef TF_TRACE
  if (tf::trace_file) {
    std::vector<tf::integer> words(1, {{number}});
    words.insert(words.end(), in.begin() + {{offset}}, in.begin() + {{offset}} + {{count}});
    tf::write_line(tf::trace_file, words);
  }
#endif
{{/layers}}
{{/inputs}}
{{#outputs}}
  hls::stream<{{token}}> {{name}};
{{/outputs}}
  {{top}}({{arguments}});
  out.clear();
{{#outputs}}
  for (int t = 0; t < {{tokens}}; t++) {
    const {{token}} token = {{name}}.read();
    for (int k = 0; k < {{words}}; k++) {
      const ap_uint<{{width}}> bits = token.range((k + 1) * {{width}} - 1, k * {{width}});
      out.push_back(tf::raw<{{signed}}>::of(bits));
    }
  }
{{/outputs}}
{{/isStream}}
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
