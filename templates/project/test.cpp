{{% CONTENT_TYPE:TEXT}}// Test bench: runs {{top}} on the events of tb_data/inputs.dat (one event a line, raw integers, inputs one after
// the other) and writes the raw outputs to tb_data/results.dat. If tb_data/expected.dat is there, the words
// must be equal. Other files can be named: {{top}}_test [inputs [results [trace]]].
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
  static hls::stream<{{token}}> {{name}};
  for (int t = 0; t < {{tokens}}; t++) {
    {{token}} token;
    for (int k = 0; k < {{words}}; k++) token.word[k] = tf::from_raw<{{type}}>(in[{{offset}} + t * {{words}} + k]);
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
  static hls::stream<{{token}}> {{name}};
{{/outputs}}
  {{top}}({{arguments}});
  out.clear();
{{#outputs}}
  for (int t = 0; t < {{tokens}}; t++) {
    const {{token}} token = {{name}}.read();
    for (int k = 0; k < {{words}}; k++) out.push_back(tf::raw<{{signed}}>::of(token.word[k]));
  }
{{/outputs}}
{{/isStream}}
}

int main(int argc, char **argv) {
  const char *inputs_path = argc > 1 ? argv[1] : "tb_data/inputs.dat";
  const char *results_path = argc > 2 ? argv[2] : "tb_data/results.dat";
  FILE *inputs = fopen(inputs_path, "r");
  FILE *results = fopen(results_path, "w");
  FILE *expected = argc > 1 ? 0 : fopen("tb_data/expected.dat", "r");
  if (!inputs || !results) {
    fprintf(stderr, "cannot open %s\n", inputs ? results_path : inputs_path);
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
    if (expected && (!tf::read_line(expected, wanted) || wanted != out)) wrong++;
    events++;
  }
  fclose(inputs);
  if (expected) fclose(expected);
#ifdef TF_TRACE
  if (tf::trace_file) fclose(tf::trace_file);
#endif
  if (fclose(results) != 0) return 2;
  printf("%ld events", events);
  if (expected) printf(", %ld differ from tb_data/expected.dat", wrong);
  printf("\n");
  return wrong == 0 ? 0 : 1;
}
