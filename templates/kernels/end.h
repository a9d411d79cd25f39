}  // namespace tf

// The test bench records the words of every layer when built with TF_TRACE.
#ifdef TF_TRACE
#include "../tf_trace.h"
#define TF_RECORD(layer, words, count, is_signed) tf::record<is_signed>(layer, words, count)
#else
#define TF_RECORD(layer, words, count, is_signed)
#endif

#endif
