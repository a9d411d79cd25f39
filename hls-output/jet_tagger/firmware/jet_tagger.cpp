// jet_tagger: io_parallel, 19 cycles latency, one event every cycle (estimated at 5.0 ns).
#include "jet_tagger.h"

#include "jet_tagger_layers.h"

void jet_tagger(const fc1_input_t fc1_input_in[16], softmax_t softmax_out[5]) {
#ifndef __BAMBU__
#pragma HLS PIPELINE II=1
#pragma HLS ARRAY_RESHAPE variable=fc1_input_in type=complete
#pragma HLS INTERFACE mode=ap_vld port=fc1_input_in
#pragma HLS ARRAY_PARTITION variable=softmax_out type=complete
#pragma HLS INTERFACE mode=ap_vld port=softmax_out
#endif
  fc1_input_t fc1_input[16];
#pragma HLS ARRAY_PARTITION variable=fc1_input type=complete
  TF_UNROLL_NEXT
  for (int i = 0; i < 16; i++) {
    TF_UNROLL
    fc1_input[i] = fc1_input_in[i];
  }

  fc1_sum_t fc1_sum[64];
#pragma HLS ARRAY_PARTITION variable=fc1_sum type=complete
  dense_fc1(fc1_input, fc1_sum);  // Dense

  relu1_t relu1[64];
#pragma HLS ARRAY_PARTITION variable=relu1 type=complete
  activation_relu1(fc1_sum, relu1);  // Activation

  fc2_sum_t fc2_sum[32];
#pragma HLS ARRAY_PARTITION variable=fc2_sum type=complete
  dense_fc2(relu1, fc2_sum);  // Dense

  relu2_t relu2[32];
#pragma HLS ARRAY_PARTITION variable=relu2 type=complete
  activation_relu2(fc2_sum, relu2);  // Activation

  fc3_sum_t fc3_sum[32];
#pragma HLS ARRAY_PARTITION variable=fc3_sum type=complete
  dense_fc3(relu2, fc3_sum);  // Dense

  relu3_t relu3[32];
#pragma HLS ARRAY_PARTITION variable=relu3 type=complete
  activation_relu3(fc3_sum, relu3);  // Activation

  output_sum_t output_sum[5];
#pragma HLS ARRAY_PARTITION variable=output_sum type=complete
  dense_output(relu3, output_sum);  // Dense

  softmax_t softmax[5];
#pragma HLS ARRAY_PARTITION variable=softmax type=complete
  softmax_softmax(output_sum, softmax);  // Softmax

  TF_UNROLL_NEXT
  for (int i = 0; i < 5; i++) {
    TF_UNROLL
    softmax_out[i] = softmax[i];
  }
}

