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
        nnet::load_weights_from_txt<conv1_weight_t, 36>(w2, "w2.txt");
        nnet::load_weights_from_txt<conv1_bias_t, 4>(b2, "b2.txt");
        nnet::load_weights_from_txt<point_weight_t, 12>(w6, "w6.txt");
        nnet::load_weights_from_txt<point_bias_t, 3>(b6, "b6.txt");
        nnet::load_weights_from_txt<fc_weight_t, 6>(w9, "w9.txt");
        nnet::load_weights_from_txt<fc_bias_t, 2>(b9, "b9.txt");
        loaded_weights = true;    }
#endif
    // ****************************************
    // NETWORK INSTANTIATION
    // ****************************************

    // hls-fpga-machine-learning insert layers

    hls::stream<layer11_t> layer11_out("layer11_out");
    #pragma HLS STREAM variable=layer11_out depth=14

    hls::stream<layer2_t> layer2_out("layer2_out");
    #pragma HLS STREAM variable=layer2_out depth=12

    hls::stream<layer4_t> layer4_out("layer4_out");
    #pragma HLS STREAM variable=layer4_out depth=12

    hls::stream<layer5_t> layer5_out("layer5_out");
    #pragma HLS STREAM variable=layer5_out depth=6

    hls::stream<layer6_t> layer6_out("layer6_out");
    #pragma HLS STREAM variable=layer6_out depth=6

    hls::stream<layer8_t> layer8_out("layer8_out");
    #pragma HLS STREAM variable=layer8_out depth=1

    nnet::zeropad1d_cl<input_t, layer11_t, config11>(in1, layer11_out); // zp1d_conv1

    nnet::conv_1d_cl<layer11_t, layer2_t, config2>(layer11_out, layer2_out, w2, b2); // conv1

    nnet::relu<layer2_t, layer4_t, relu_config4>(layer2_out, layer4_out); // relu1

    nnet::pooling1d_cl<layer4_t, layer5_t, config5>(layer4_out, layer5_out); // pool1

    nnet::pointwise_conv_1d_cl<layer5_t, layer6_t, config12>(layer5_out, layer6_out, w6, b6); // point

    nnet::global_pooling1d_cl<layer6_t, layer8_t, config8>(layer6_out, layer8_out); // global

    nnet::dense<layer8_t, result_t, config9>(layer8_out, layer9_out, w9, b9); // fc

}

