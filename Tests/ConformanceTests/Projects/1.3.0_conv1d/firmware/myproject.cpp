#include <iostream>

#include "myproject.h"
#include "parameters.h"


void myproject(
    input_t in1[12*3],
    result_t layer9_out[2]
) {

    // hls-fpga-machine-learning insert IO
    #pragma HLS ARRAY_RESHAPE variable=in1 complete dim=0
    #pragma HLS ARRAY_PARTITION variable=layer9_out complete dim=0
    #pragma HLS INTERFACE ap_vld port=in1,layer9_out 
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

    layer2_t layer2_out[12*4];
    #pragma HLS ARRAY_PARTITION variable=layer2_out complete dim=0

    layer4_t layer4_out[12*4];
    #pragma HLS ARRAY_PARTITION variable=layer4_out complete dim=0

    layer5_t layer5_out[6*4];
    #pragma HLS ARRAY_PARTITION variable=layer5_out complete dim=0

    layer6_t layer6_out[6*3];
    #pragma HLS ARRAY_PARTITION variable=layer6_out complete dim=0

    layer8_t layer8_out[3];
    #pragma HLS ARRAY_PARTITION variable=layer8_out complete dim=0

    nnet::conv_1d_cl<input_t, layer2_t, config2>(in1, layer2_out, w2, b2); // conv1

    nnet::relu<layer2_t, layer4_t, relu_config4>(layer2_out, layer4_out); // relu1

    nnet::pooling1d_cl<layer4_t, layer5_t, config5>(layer4_out, layer5_out); // pool1

    nnet::pointwise_conv_1d_cl<layer5_t, layer6_t, config11>(layer5_out, layer6_out, w6, b6); // point

    nnet::global_pooling1d_cl<layer6_t, layer8_t, config8>(layer6_out, layer8_out); // global

    nnet::dense<layer8_t, result_t, config9>(layer8_out, layer9_out, w9, b9); // fc

}

