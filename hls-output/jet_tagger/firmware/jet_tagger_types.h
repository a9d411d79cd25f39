// The type of every value of jet_tagger, layer by layer.
#ifndef JET_TAGGER_TYPES_H
#define JET_TAGGER_TYPES_H

#include "ap_fixed.h"
#include "ap_int.h"

// fc1_input (Input)
typedef ap_fixed<16,6> fc1_input_t;

// fc1 (Dense)
typedef ap_fixed<6,1> fc1_weight_t;
typedef ap_fixed<6,1> fc1_bias_t;
typedef ap_fixed<27,12> fc1_sum_t;

// relu1 (Activation)
typedef ap_ufixed<1,1> relu1_low_t;
typedef ap_fixed<27,12> relu1_above_t;
typedef ap_ufixed<6,0,AP_RND_CONV,AP_SAT> relu1_t;

// fc2 (Dense)
typedef ap_fixed<6,1> fc2_weight_t;
typedef ap_fixed<6,1> fc2_bias_t;
typedef ap_fixed<19,8> fc2_sum_t;

// relu2 (Activation)
typedef ap_ufixed<1,1> relu2_low_t;
typedef ap_fixed<19,8> relu2_above_t;
typedef ap_ufixed<6,0,AP_RND_CONV,AP_SAT> relu2_t;

// fc3 (Dense)
typedef ap_fixed<6,1> fc3_weight_t;
typedef ap_fixed<6,1> fc3_bias_t;
typedef ap_fixed<18,7> fc3_sum_t;

// relu3 (Activation)
typedef ap_ufixed<1,1> relu3_low_t;
typedef ap_fixed<18,7> relu3_above_t;
typedef ap_ufixed<6,0,AP_RND_CONV,AP_SAT> relu3_t;

// output (Dense)
typedef ap_fixed<6,1> output_weight_t;
typedef ap_fixed<6,1> output_bias_t;
typedef ap_fixed<18,7> output_sum_t;

// softmax (Softmax)
typedef ap_fixed<18,7> softmax_largest_t;
typedef ap_fixed<19,8> softmax_below_t;
typedef ap_ufixed<17,6> softmax_distance_t;
typedef ap_ufixed<1,5> softmax_exp_moved_unit_t;
typedef ap_ufixed<18,11> softmax_exp_moved_t;
typedef ap_ufixed<10,10> softmax_exp_index_t;
typedef ap_fixed<18,8,AP_RND,AP_SAT> softmax_exp_table_t;
typedef ap_fixed<18,8,AP_RND,AP_SAT> softmax_exp_t;
typedef ap_fixed<18,8,AP_RND,AP_SAT> softmax_sum_t;
typedef ap_fixed<18,8,AP_RND,AP_SAT> softmax_inv_table_t;
typedef ap_ufixed<1,3> softmax_inv_moved_unit_t;
typedef ap_fixed<19,11> softmax_inv_moved_t;
typedef ap_ufixed<10,10> softmax_inv_index_t;
typedef ap_fixed<18,8,AP_RND,AP_SAT> softmax_inv_t;
typedef ap_fixed<36,16> softmax_product_t;
typedef ap_fixed<16,6> softmax_t;

#endif
