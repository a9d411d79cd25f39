#include <iostream>

#include "myproject.h"
#include "parameters.h"


void myproject(
    input_t in1[N_INPUT_1_1*N_INPUT_2_1*N_INPUT_3_1],
    result_t layer10_out[N_SIZE_0_9*N_SIZE_1_9]
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
        nnet::load_weights_from_txt<point_weight_t, 6>(w11, "w11.txt");
        nnet::load_weights_from_txt<point_bias_t, 2>(b11, "b11.txt");
        loaded_weights = true;    }
#endif
    // ****************************************
    // NETWORK INSTANTIATION
    // ****************************************

    // hls-fpga-machine-learning insert layers

    layer2_t layer2_out[OUT_HEIGHT_2*OUT_WIDTH_2*N_FILT_2];
    #pragma HLS ARRAY_PARTITION variable=layer2_out complete dim=0
    nnet::conv_2d_cl<input_t, layer2_t, config2>(in1, layer2_out, w2, b2); // conv1

    layer4_t layer4_out[OUT_HEIGHT_4*OUT_WIDTH_4*N_CHAN_4];
    #pragma HLS ARRAY_PARTITION variable=layer4_out complete dim=0
    nnet::zeropad2d_cl<layer2_t, layer4_t, config4>(layer2_out, layer4_out); // zeros

    layer11_t layer11_out[OUT_HEIGHT_11*OUT_WIDTH_11*N_FILT_11];
    #pragma HLS ARRAY_PARTITION variable=layer11_out complete dim=0
    nnet::pointwise_conv_2d_cl<layer4_t, layer11_t, config11>(layer4_out, layer11_out, w11, b11); // point

    layer7_t layer7_out[OUT_HEIGHT_7*OUT_WIDTH_7*N_CHAN_7];
    #pragma HLS ARRAY_PARTITION variable=layer7_out complete dim=0
    nnet::resize_nearest<layer11_t, config7>(layer11_out, layer7_out); // up

    layer8_t layer8_out[OUT_DEPTH_8*OUT_HEIGHT_8*OUT_WIDTH_8];
    #pragma HLS ARRAY_PARTITION variable=layer8_out complete dim=0
    nnet::transpose_3d<layer7_t, layer8_t, config8>(layer7_out, layer8_out); // permute

    auto& layer9_out = layer8_out;
    nnet::relu<layer8_t, result_t, relu_config10>(layer9_out, layer10_out); // relu

}

