#include <iostream>

#include "myproject.h"
#include "parameters.h"


void myproject(
    hls::stream<input_t> &in1,
    hls::stream<result_t> &layer8_out
) {

    // hls-fpga-machine-learning insert IO
    #pragma HLS INTERFACE axis port=in1,layer8_out 
    #pragma HLS DATAFLOW

    // hls-fpga-machine-learning insert load weights
#ifndef __SYNTHESIS__
    static bool loaded_weights = false;
    if (!loaded_weights) {
        nnet::load_weights_from_txt<sep_depthwise_weight_t, 18>(w6, "w6.txt");
        nnet::load_weights_from_txt<bias6_t, 2>(b6, "b6.txt");
        nnet::load_weights_from_txt<sep_pointwise_weight_t, 8>(w7, "w7.txt");
        nnet::load_weights_from_txt<sep_pointwise_bias_t, 4>(b7, "b7.txt");
        loaded_weights = true;    }
#endif
    // ****************************************
    // NETWORK INSTANTIATION
    // ****************************************

    // hls-fpga-machine-learning insert layers

    hls::stream<sep_depthwise_result_t> layer6_out("layer6_out");
    #pragma HLS STREAM variable=layer6_out depth=16

    hls::stream<layer7_t> layer7_out("layer7_out");
    #pragma HLS STREAM variable=layer7_out depth=16

    hls::stream<layer4_t> layer4_out("layer4_out");
    #pragma HLS STREAM variable=layer4_out depth=16

    nnet::depthwise_conv_2d_cl<input_t, sep_depthwise_result_t, config6>(in1, layer6_out, w6, b6); // sep_depthwise

    nnet::pointwise_conv_2d_cl<sep_depthwise_result_t, layer7_t, config9>(layer6_out, layer7_out, w7, b7); // sep_pointwise

    nnet::relu<layer7_t, layer4_t, relu_config4>(layer7_out, layer4_out); // relu

    nnet::repack_stream<layer4_t, result_t, 64>(layer4_out, layer8_out); // repack_flat

}

