#include <iostream>

#include "myproject.h"
#include "parameters.h"

void myproject(
    input_t in1[N_INPUT_1_1],
    layer6_t layer6_out[N_LAYER_2], layer7_t layer7_out[N_LAYER_4]
) {

    // hls-fpga-machine-learning insert IO
    #pragma HLS ARRAY_RESHAPE variable=in1 complete dim=0
    #pragma HLS ARRAY_PARTITION variable=layer6_out complete dim=0
    #pragma HLS ARRAY_PARTITION variable=layer7_out complete dim=0
    #pragma HLS INTERFACE ap_vld port=in1,layer6_out,layer7_out 
    #pragma HLS PIPELINE 

#ifndef __SYNTHESIS__
    static bool loaded_weights = false;
    if (!loaded_weights) {
        // hls-fpga-machine-learning insert load weights
        nnet::load_weights_from_txt<fc_hard_sigmoid_weight_t, 30>(w2, "w2.txt");
        nnet::load_weights_from_txt<fc_hard_sigmoid_bias_t, 6>(b2, "b2.txt");
        nnet::load_weights_from_txt<fc_prelu_weight_t, 30>(w4, "w4.txt");
        nnet::load_weights_from_txt<fc_prelu_bias_t, 6>(b4, "b4.txt");
        nnet::load_weights_from_txt<model_default_t, 6>(a7, "a7.txt");
        loaded_weights = true;
    }
#endif

    // ****************************************
    // NETWORK INSTANTIATION
    // ****************************************

    // hls-fpga-machine-learning insert layers

    layer2_t layer2_out[N_LAYER_2];
    #pragma HLS ARRAY_PARTITION variable=layer2_out complete dim=0
    nnet::dense<input_t, layer2_t, config2>(in1, layer2_out, w2, b2); // fc_hard_sigmoid

    layer4_t layer4_out[N_LAYER_4];
    #pragma HLS ARRAY_PARTITION variable=layer4_out complete dim=0
    nnet::dense<input_t, layer4_t, config4>(in1, layer4_out, w4, b4); // fc_prelu

    nnet::hard_sigmoid<layer2_t, layer6_t, hard_sigmoid_config6>(layer2_out, layer6_out); // hard_sigmoid

    nnet::prelu<layer4_t, layer7_t, PReLU_config7>(layer4_out, a7, layer7_out); // prelu

}
