#include <iostream>

#include "myproject.h"
#include "parameters.h"


void myproject(
    input_t in1[8*8*2],
    result_t layer10_out[3]
) {

    // hls-fpga-machine-learning insert IO
    #pragma HLS ARRAY_RESHAPE variable=in1 complete dim=0
    #pragma HLS ARRAY_PARTITION variable=layer10_out complete dim=0
    #pragma HLS INTERFACE ap_vld port=in1,layer10_out 
    #pragma HLS DATAFLOW

    // hls-fpga-machine-learning insert load weights
#ifndef __SYNTHESIS__
    static bool loaded_weights = false;
    if (!loaded_weights) {
        nnet::load_weights_from_txt<conv1_weight_t, 54>(w2, "w2.txt");
        nnet::load_weights_from_txt<conv1_bias_t, 3>(b2, "b2.txt");
        nnet::load_weights_from_txt<conv2_weight_t, 72>(w6, "w6.txt");
        nnet::load_weights_from_txt<conv2_bias_t, 4>(b6, "b6.txt");
        nnet::load_weights_from_txt<fc_weight_t, 72>(w10, "w10.txt");
        nnet::load_weights_from_txt<fc_bias_t, 3>(b10, "b10.txt");
        loaded_weights = true;    }
#endif
    // ****************************************
    // NETWORK INSTANTIATION
    // ****************************************

    // hls-fpga-machine-learning insert layers

    layer2_t layer2_out[8*8*3];
    #pragma HLS ARRAY_PARTITION variable=layer2_out complete dim=0

    layer4_t layer4_out[8*8*3];
    #pragma HLS ARRAY_PARTITION variable=layer4_out complete dim=0

    layer5_t layer5_out[4*4*3];
    #pragma HLS ARRAY_PARTITION variable=layer5_out complete dim=0

    layer6_t layer6_out[2*3*4];
    #pragma HLS ARRAY_PARTITION variable=layer6_out complete dim=0

    layer8_t layer8_out[2*3*4];
    #pragma HLS ARRAY_PARTITION variable=layer8_out complete dim=0

    auto& layer9_out = layer8_out;
    nnet::conv_2d_cl<input_t, layer2_t, config2>(in1, layer2_out, w2, b2); // conv1

    nnet::relu<layer2_t, layer4_t, relu_config4>(layer2_out, layer4_out); // relu1

    nnet::pooling2d_cl<layer4_t, layer5_t, config5>(layer4_out, layer5_out); // pool1

    nnet::conv_2d_cl<layer5_t, layer6_t, config6>(layer5_out, layer6_out, w6, b6); // conv2

    nnet::relu<layer6_t, layer8_t, relu_config8>(layer6_out, layer8_out); // relu2

    nnet::dense<layer8_t, result_t, config10>(layer9_out, layer10_out, w10, b10); // fc

}

