#include <iostream>

#include "myproject.h"
#include "parameters.h"


void myproject(
    input_t in1[N_INPUT_1_1],
    result_t layer4_out[N_LAYER_2]
) {

    // hls-fpga-machine-learning insert IO
    #pragma HLS ARRAY_RESHAPE variable=in1 complete dim=0
    #pragma HLS ARRAY_PARTITION variable=layer4_out complete dim=0
    #pragma HLS INTERFACE ap_vld port=in1,layer4_out 
    #pragma HLS PIPELINE

    // hls-fpga-machine-learning insert load weights
#ifndef __SYNTHESIS__
    static bool loaded_weights = false;
    if (!loaded_weights) {
        nnet::load_weights_from_txt<fc_selu_weight_t, 30>(w2, "w2.txt");
        nnet::load_weights_from_txt<fc_selu_bias_t, 6>(b2, "b2.txt");
        loaded_weights = true;    }
#endif
    // ****************************************
    // NETWORK INSTANTIATION
    // ****************************************

    // hls-fpga-machine-learning insert layers

    layer2_t layer2_out[N_LAYER_2];
    #pragma HLS ARRAY_PARTITION variable=layer2_out complete dim=0
    nnet::dense<input_t, layer2_t, config2>(in1, layer2_out, w2, b2); // fc_selu

    nnet::selu<layer2_t, result_t, selu_config4>(layer2_out, layer4_out); // selu

}

