#include <iostream>

#include "myproject.h"
#include "parameters.h"


void myproject(
    input_t in1[7*9*2],
    result_t layer10_out[120*2]
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
        nnet::load_weights_from_txt<point_weight_t, 6>(w5, "w5.txt");
        nnet::load_weights_from_txt<point_bias_t, 2>(b5, "b5.txt");
        loaded_weights = true;    }
#endif
    // ****************************************
    // NETWORK INSTANTIATION
    // ****************************************

    // hls-fpga-machine-learning insert layers

    layer2_t layer2_out[4*5*3];
    #pragma HLS ARRAY_PARTITION variable=layer2_out complete dim=0

    layer4_t layer4_out[5*6*3];
    #pragma HLS ARRAY_PARTITION variable=layer4_out complete dim=0

    layer5_t layer5_out[5*6*2];
    #pragma HLS ARRAY_PARTITION variable=layer5_out complete dim=0

    layer7_t layer7_out[10*12*2];
    #pragma HLS ARRAY_PARTITION variable=layer7_out complete dim=0

    layer8_t layer8_out[12*10*2];
    #pragma HLS ARRAY_PARTITION variable=layer8_out complete dim=0

    auto& layer9_out = layer8_out;
    nnet::conv_2d_cl<input_t, layer2_t, config2>(in1, layer2_out, w2, b2); // conv1

    nnet::zeropad2d_cl<layer2_t, layer4_t, config4>(layer2_out, layer4_out); // zeros

    nnet::pointwise_conv_2d_cl<layer4_t, layer5_t, config11>(layer4_out, layer5_out, w5, b5); // point

    nnet::resize_nearest<layer5_t, config7>(layer5_out, layer7_out); // up

    nnet::transpose<layer7_t, layer8_t, config8>(layer7_out, layer8_out); // permute

    nnet::relu<layer8_t, result_t, relu_config10>(layer9_out, layer10_out); // relu

}

