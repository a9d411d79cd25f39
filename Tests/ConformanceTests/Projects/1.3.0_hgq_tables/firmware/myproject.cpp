#include <iostream>

#include "myproject.h"
#include "parameters.h"


void myproject(
    in1_t in1[8],
    result_t layer8_out[3]
) {

    // hls-fpga-machine-learning insert IO
    #pragma HLS ARRAY_RESHAPE variable=in1 complete dim=0
    #pragma HLS ARRAY_PARTITION variable=layer8_out complete dim=0
    #pragma HLS INTERFACE ap_vld port=in1,layer8_out 
    #pragma HLS PIPELINE

    // hls-fpga-machine-learning insert load weights
#ifndef __SYNTHESIS__
    static bool loaded_weights = false;
    if (!loaded_weights) {
        nnet::load_weights_from_txt<fc1_weight_t, 48>(w3, "w3.txt");
        nnet::load_weights_from_txt<fc1_bias_t, 6>(b3, "b3.txt");
        nnet::load_weights_from_txt<curve_table_t, 64>(table5, "table5.txt");
        nnet::load_weights_from_txt<fc2_weight_t, 18>(w8, "w8.txt");
        nnet::load_weights_from_txt<fc2_bias_t, 3>(b8, "b8.txt");
        loaded_weights = true;    }
#endif
    // ****************************************
    // NETWORK INSTANTIATION
    // ****************************************

    // hls-fpga-machine-learning insert layers

    fc1_t layer3_out[6];
    #pragma HLS ARRAY_PARTITION variable=layer3_out complete dim=0

    curve_t layer5_out[6];
    #pragma HLS ARRAY_PARTITION variable=layer5_out complete dim=0

    nnet::dense<in1_t, fc1_t, config3>(in1, layer3_out, w3, b3); // fc1

    nnet::unary_lut<fc1_t, curve_t, unary_lut_config5>(layer3_out, layer5_out, table5); // curve

    nnet::dense<curve_t, result_t, config8>(layer5_out, layer8_out, w8, b8); // fc2

}

