#ifndef JET_TAGGER_H
#define JET_TAGGER_H

#include "jet_tagger_types.h"

// Words of tensors are in row-major order.
//   fc1_input_in: 16 words of fc1_input_t
//   softmax_out: 5 words of softmax_t
void jet_tagger(const fc1_input_t fc1_input_in[16], softmax_t softmax_out[5]);

#endif
