// Records the words of every layer; see TF_RECORD in tf_kernels.h. One line per layer and event: the layer's
// number in project.json, then its raw words.
#ifndef TF_TRACE_H
#define TF_TRACE_H

#include "tf_host.h"

namespace tf {

// Where to; null records nothing. The test bench defines it.
extern FILE *trace_file;

template <bool IS_SIGNED, class T>
inline void record(int layer, const T words[], int count) {
  if (!trace_file) return;
  std::vector<integer> numbers(1, layer);
  for (int k = 0; k < count; k++) numbers.push_back(raw<IS_SIGNED>::of(words[k]));
  write_line(trace_file, numbers);
}

}  // namespace tf

#endif
