// The layers of jet_tagger, one function each.
#ifndef JET_TAGGER_LAYERS_H
#define JET_TAGGER_LAYERS_H

#include "jet_tagger_types.h"
#include "tf_kernels.h"
#include "weights/fc1.h"
#include "weights/fc2.h"
#include "weights/fc3.h"
#include "weights/output.h"
#include "weights/softmax.h"

// fc1: Dense, latency strategy, reuse factor 1
// 16 ap_fixed<16,6> -> 64 ap_fixed<27,12>
TF_LAYER void dense_fc1(const fc1_input_t fc1_input[16], fc1_sum_t fc1_sum[64]) {
#ifndef __BAMBU__
#pragma HLS INLINE
#pragma HLS ARRAY_PARTITION variable=fc1_bias_words type=complete dim=0
#pragma HLS ARRAY_PARTITION variable=fc1_weight_by_input type=complete dim=0
#endif
  tf::affine<1, 16, 64, 1, fc1_weight_t, fc1_bias_t, ap_fixed<27,12>>(fc1_input, fc1_weight_by_input, fc1_bias_words, fc1_sum);
  TF_RECORD(1, fc1_sum, 64, true);
}

// relu1: Activation
// 64 ap_fixed<27,12> -> 64 ap_ufixed<6,0,AP_RND_CONV,AP_SAT>
TF_LAYER void activation_relu1(const fc1_sum_t fc1_sum[64], relu1_t relu1[64]) {
#ifndef __BAMBU__
#pragma HLS INLINE
#endif
  TF_UNROLL_NEXT
  for (int i = 0; i < 64; i++) {
    TF_UNROLL
    const relu1_above_t relu1_above = tf::larger<relu1_above_t>(fc1_sum[i], relu1_low_t(0));
    relu1[i] = tf::convert<relu1_t>(relu1_above);
  }
  TF_RECORD(2, relu1, 64, false);
}

// fc2: Dense, latency strategy, reuse factor 1
// 64 ap_ufixed<6,0,AP_RND_CONV,AP_SAT> -> 32 ap_fixed<19,8>
TF_LAYER void dense_fc2(const relu1_t relu1[64], fc2_sum_t fc2_sum[32]) {
#ifndef __BAMBU__
#pragma HLS INLINE
#pragma HLS ARRAY_PARTITION variable=fc2_bias_words type=complete dim=0
#pragma HLS ARRAY_PARTITION variable=fc2_weight_by_input type=complete dim=0
#endif
  tf::affine<1, 64, 32, 1, fc2_weight_t, fc2_bias_t, ap_fixed<19,8>>(relu1, fc2_weight_by_input, fc2_bias_words, fc2_sum);
  TF_RECORD(3, fc2_sum, 32, true);
}

// relu2: Activation
// 32 ap_fixed<19,8> -> 32 ap_ufixed<6,0,AP_RND_CONV,AP_SAT>
TF_LAYER void activation_relu2(const fc2_sum_t fc2_sum[32], relu2_t relu2[32]) {
#ifndef __BAMBU__
#pragma HLS INLINE
#endif
  TF_UNROLL_NEXT
  for (int i = 0; i < 32; i++) {
    TF_UNROLL
    const relu2_above_t relu2_above = tf::larger<relu2_above_t>(fc2_sum[i], relu2_low_t(0));
    relu2[i] = tf::convert<relu2_t>(relu2_above);
  }
  TF_RECORD(4, relu2, 32, false);
}

// fc3: Dense, latency strategy, reuse factor 1
// 32 ap_ufixed<6,0,AP_RND_CONV,AP_SAT> -> 32 ap_fixed<18,7>
TF_LAYER void dense_fc3(const relu2_t relu2[32], fc3_sum_t fc3_sum[32]) {
#ifndef __BAMBU__
#pragma HLS INLINE
#pragma HLS ARRAY_PARTITION variable=fc3_bias_words type=complete dim=0
#pragma HLS ARRAY_PARTITION variable=fc3_weight_by_input type=complete dim=0
#endif
  tf::affine<1, 32, 32, 1, fc3_weight_t, fc3_bias_t, ap_fixed<18,7>>(relu2, fc3_weight_by_input, fc3_bias_words, fc3_sum);
  TF_RECORD(5, fc3_sum, 32, true);
}

// relu3: Activation
// 32 ap_fixed<18,7> -> 32 ap_ufixed<6,0,AP_RND_CONV,AP_SAT>
TF_LAYER void activation_relu3(const fc3_sum_t fc3_sum[32], relu3_t relu3[32]) {
#ifndef __BAMBU__
#pragma HLS INLINE
#endif
  TF_UNROLL_NEXT
  for (int i = 0; i < 32; i++) {
    TF_UNROLL
    const relu3_above_t relu3_above = tf::larger<relu3_above_t>(fc3_sum[i], relu3_low_t(0));
    relu3[i] = tf::convert<relu3_t>(relu3_above);
  }
  TF_RECORD(6, relu3, 32, false);
}

// output: Dense, latency strategy, reuse factor 1
// 32 ap_ufixed<6,0,AP_RND_CONV,AP_SAT> -> 5 ap_fixed<18,7>
TF_LAYER void dense_output(const relu3_t relu3[32], output_sum_t output_sum[5]) {
#ifndef __BAMBU__
#pragma HLS INLINE
#pragma HLS ARRAY_PARTITION variable=output_bias_words type=complete dim=0
#pragma HLS ARRAY_PARTITION variable=output_weight_by_input type=complete dim=0
#endif
  tf::affine<1, 32, 5, 1, output_weight_t, output_bias_t, ap_fixed<18,7>>(relu3, output_weight_by_input, output_bias_words, output_sum);
  TF_RECORD(7, output_sum, 5, true);
}

// softmax: Softmax
// 5 ap_fixed<18,7> -> 5 ap_fixed<16,6>
TF_LAYER void softmax_softmax(const output_sum_t output_sum[5], softmax_t softmax[5]) {
#ifndef __BAMBU__
#pragma HLS INLINE
#endif
  softmax_largest_t softmax_largest[1];
#pragma HLS ARRAY_PARTITION variable=softmax_largest type=complete
  tf::maximum<1, 5>(output_sum, softmax_largest);
  softmax_exp_t softmax_exp[5];
#pragma HLS ARRAY_PARTITION variable=softmax_exp type=complete
  TF_UNROLL_NEXT
  for (int i = 0; i < 5; i++) {
    TF_UNROLL
    const softmax_below_t softmax_below = softmax_largest[0] - output_sum[i];
    const softmax_distance_t softmax_distance = softmax_distance_t(softmax_below);
    const softmax_exp_moved_t softmax_exp_moved = softmax_distance * tf::word<softmax_exp_moved_unit_t>(tf::ustored<1>(1));
    const softmax_exp_index_t softmax_exp_index = softmax_exp_index_t(softmax_exp_moved);
    softmax_exp[i] = tf::lookup<softmax_exp_t, 1024>(softmax_exp_table_words, tf::unsigned_bits(softmax_exp_index));
  }
  softmax_sum_t softmax_sum[1];
#pragma HLS ARRAY_PARTITION variable=softmax_sum type=complete
  tf::tree_sum<1, 5>(softmax_exp, softmax_sum);
  softmax_inv_t softmax_inv[1];
#pragma HLS ARRAY_PARTITION variable=softmax_inv type=complete
  const softmax_inv_moved_t softmax_inv_moved = softmax_sum[0] * tf::word<softmax_inv_moved_unit_t>(tf::ustored<1>(1));
  const softmax_inv_index_t softmax_inv_index = softmax_inv_index_t(softmax_inv_moved);
  softmax_inv[0] = tf::lookup<softmax_inv_t, 1024>(softmax_inv_table_words, tf::unsigned_bits(softmax_inv_index));
  TF_UNROLL_NEXT
  for (int i = 0; i < 5; i++) {
    TF_UNROLL
    const softmax_product_t softmax_product = softmax_exp[i] * softmax_inv[0];
    softmax[i] = softmax_t(softmax_product);
  }
  TF_RECORD(8, softmax, 5, true);
}

#endif
