#include <iostream>

#include "myproject.h"
#include "parameters.h"


void myproject(
    input_t in1[10],
    result_t layer10_out[4]
) {

    // hls-fpga-machine-learning insert IO
    #pragma HLS ARRAY_RESHAPE variable=in1 complete dim=0
    #pragma HLS ARRAY_PARTITION variable=layer10_out complete dim=0
    #pragma HLS INTERFACE ap_vld port=in1,layer10_out 
    #pragma HLS PIPELINE

    // hls-fpga-machine-learning insert load weights
#ifndef __SYNTHESIS__
    static bool loaded_weights = false;
    if (!loaded_weights) {
        nnet::load_weights_from_txt<weight2_t, 80>(w2, "w2.txt");
        nnet::load_weights_from_txt<bias2_t, 8>(b2, "b2.txt");
        nnet::load_weights_from_txt<threshold12_t, 8>(t12, "t12.txt");
        nnet::load_weights_from_txt<weight6_t, 48>(w6, "w6.txt");
        nnet::load_weights_from_txt<bias6_t, 6>(b6, "b6.txt");
        nnet::load_weights_from_txt<threshold_hi_13_t, 6>(th13, "th13.txt");
        nnet::load_weights_from_txt<threshold_lo_13_t, 6>(tl13, "tl13.txt");
        nnet::load_weights_from_txt<weight10_t, 24>(w10, "w10.txt");
        nnet::load_weights_from_txt<bias10_t, 4>(b10, "b10.txt");
        loaded_weights = true;    }
#endif
    // ****************************************
    // NETWORK INSTANTIATION
    // ****************************************

    // hls-fpga-machine-learning insert layers

    layer2_t layer2_out[8];
    #pragma HLS ARRAY_PARTITION variable=layer2_out complete dim=0

    layer12_t layer12_out[8];
    #pragma HLS ARRAY_PARTITION variable=layer12_out complete dim=0

    layer6_t layer6_out[6];
    #pragma HLS ARRAY_PARTITION variable=layer6_out complete dim=0

    layer13_t layer13_out[6];
    #pragma HLS ARRAY_PARTITION variable=layer13_out complete dim=0

    nnet::dense<input_t, layer2_t, config2>(in1, layer2_out, w2, b2); // fc1

    nnet::normalize_binary_tanh<layer2_t, config12>(layer2_out, layer12_out, t12); // bnbt_bn1

    nnet::dense<layer12_t, layer6_t, config6>(layer12_out, layer6_out, w6, b6); // fc2

    nnet::normalize_ternary_tanh<layer6_t, config13>(layer6_out, layer13_out, th13, tl13); // bnbt_bn2

    nnet::dense<layer13_t, result_t, config10>(layer13_out, layer10_out, w10, b10); // fc3

}

