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
        nnet::load_weights_from_txt<conv_weight_t, 54>(w2, "w2.txt");
        nnet::load_weights_from_txt<conv_bias_t, 3>(b2, "b2.txt");
        nnet::load_weights_from_txt<point_weight_t, 6>(w4, "w4.txt");
        nnet::load_weights_from_txt<point_bias_t, 3>(b4, "b4.txt");
        loaded_weights = true;    }
#endif
    // ****************************************
    // NETWORK INSTANTIATION
    // ****************************************

    // hls-fpga-machine-learning insert layers

    hls::stream<input_t> layer9_cpy1("layer9_cpy1");
    #pragma HLS STREAM variable=layer9_cpy1 depth=30

    hls::stream<input_t> layer9_cpy2("layer9_cpy2");
    #pragma HLS STREAM variable=layer9_cpy2 depth=30

    hls::stream<layer11_t> layer11_out("layer11_out");
    #pragma HLS STREAM variable=layer11_out depth=56

    hls::stream<layer2_t> layer2_out("layer2_out");
    #pragma HLS STREAM variable=layer2_out depth=30

    hls::stream<layer3_t> layer3_out("layer3_out");
    #pragma HLS STREAM variable=layer3_out depth=30

    hls::stream<layer4_t> layer4_out("layer4_out");
    #pragma HLS STREAM variable=layer4_out depth=30

    hls::stream<layer4_t> layer10_cpy1("layer10_cpy1");
    #pragma HLS STREAM variable=layer10_cpy1 depth=30

    hls::stream<layer4_t> layer10_cpy2("layer10_cpy2");
    #pragma HLS STREAM variable=layer10_cpy2 depth=30

    hls::stream<layer6_t> layer6_out("layer6_out");
    #pragma HLS STREAM variable=layer6_out depth=30

    hls::stream<layer7_t> layer7_out("layer7_out");
    #pragma HLS STREAM variable=layer7_out depth=30

    nnet::clone_stream<input_t, input_t, 60>(in1, layer9_cpy1, layer9_cpy2); // clone_in1

    nnet::zeropad2d_cl<input_t, layer11_t, config11>(layer9_cpy1, layer11_out); // zp2d_conv

    nnet::conv_2d_cl<layer11_t, layer2_t, config2>(layer11_out, layer2_out, w2, b2); // conv

    nnet::relu<layer2_t, layer3_t, relu_config3>(layer2_out, layer3_out); // conv_relu

    nnet::pointwise_conv_2d_cl<input_t, layer4_t, config12>(layer9_cpy2, layer4_out, w4, b4); // point

    nnet::clone_stream<layer4_t, layer4_t, 90>(layer4_out, layer10_cpy1, layer10_cpy2); // clone_point

    nnet::add<layer3_t, layer4_t, layer6_t, config6>(layer3_out, layer10_cpy1, layer6_out); // add

    nnet::concatenate3d<layer6_t, layer4_t, layer7_t, config7>(layer6_out, layer10_cpy2, layer7_out); // join

    nnet::global_pooling2d_cl<layer7_t, result_t, config8>(layer7_out, layer8_out); // global

}

