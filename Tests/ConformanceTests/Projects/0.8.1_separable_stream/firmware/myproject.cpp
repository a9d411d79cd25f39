#include <iostream>

#include "myproject.h"
#include "parameters.h"

void myproject(
    hls::stream<input_t> &in1,
    hls::stream<result_t> &layer5_out
) {

    // hls-fpga-machine-learning insert IO
    #pragma HLS INTERFACE axis port=in1,layer5_out 
    #pragma HLS DATAFLOW 

#ifndef __SYNTHESIS__
    static bool loaded_weights = false;
    if (!loaded_weights) {
        // hls-fpga-machine-learning insert load weights
        nnet::load_weights_from_txt<sep_depthwise_t, 12>(d2, "d2.txt");
        nnet::load_weights_from_txt<sep_pointwise_t, 8>(p2, "p2.txt");
        nnet::load_weights_from_txt<zero_bias2_t, 2>(z2, "z2.txt");
        nnet::load_weights_from_txt<sep_bias_t, 4>(b2, "b2.txt");
        loaded_weights = true;
    }
#endif

    // ****************************************
    // NETWORK INSTANTIATION
    // ****************************************

    // hls-fpga-machine-learning insert layers

    hls::stream<layer6_t> layer6_out("layer6_out");
    #pragma HLS STREAM variable=layer6_out depth=48
    nnet::zeropad2d_cl<input_t, layer6_t, config6>(in1, layer6_out); // zp2d_sep

    hls::stream<layer2_t> layer2_out("layer2_out");
    #pragma HLS STREAM variable=layer2_out depth=30
    nnet::separable_conv_2d_cl<layer6_t, sep_dw_out_t, layer2_t, config2>(layer6_out, layer2_out, d2, p2, z2, b2); // sep

    hls::stream<layer4_t> layer4_out("layer4_out");
    #pragma HLS STREAM variable=layer4_out depth=30
    nnet::relu<layer2_t, layer4_t, relu_config4>(layer2_out, layer4_out); // relu

    nnet::global_pooling2d_cl<layer4_t, result_t, config5>(layer4_out, layer5_out); // global

}
