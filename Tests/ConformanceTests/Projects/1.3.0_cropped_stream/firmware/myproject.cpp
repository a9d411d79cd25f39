#include <iostream>

#include "myproject.h"
#include "parameters.h"


void myproject(
    hls::stream<input_t> &in1,
    hls::stream<result_t> &layer9_out
) {

    // hls-fpga-machine-learning insert IO
    #pragma HLS INTERFACE axis port=in1,layer9_out 
    #pragma HLS DATAFLOW

    // hls-fpga-machine-learning insert load weights
#ifndef __SYNTHESIS__
    static bool loaded_weights = false;
    if (!loaded_weights) {
        nnet::load_weights_from_txt<conv_weight_t, 36>(w3, "w3.txt");
        nnet::load_weights_from_txt<conv_bias_t, 2>(b3, "b3.txt");
        loaded_weights = true;    }
#endif
    // ****************************************
    // NETWORK INSTANTIATION
    // ****************************************

    // hls-fpga-machine-learning insert layers

    hls::stream<layer2_t> layer2_out("layer2_out");
    #pragma HLS STREAM variable=layer2_out depth=30

    hls::stream<layer3_t> layer3_out("layer3_out");
    #pragma HLS STREAM variable=layer3_out depth=12

    hls::stream<layer5_t> layer8_out("layer8_out");
    #pragma HLS STREAM variable=layer8_out depth=6

    hls::stream<layer6_t> layer6_out("layer6_out");
    #pragma HLS STREAM variable=layer6_out depth=3

    nnet::cropping2d_cl<input_t, layer2_t, config2>(in1, layer2_out); // crop

    nnet::conv_2d_cl<layer2_t, layer3_t, config3>(layer2_out, layer3_out, w3, b3); // conv

    nnet::repack_stream<layer3_t, layer5_t, 24>(layer3_out, layer8_out); // repack_rows

    nnet::cropping1d_cl<layer5_t, layer6_t, config6>(layer8_out, layer6_out); // ends

    nnet::repack_stream<layer6_t, result_t, 12>(layer6_out, layer9_out); // repack_flat

}

