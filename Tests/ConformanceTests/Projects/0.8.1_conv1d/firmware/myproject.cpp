#include <iostream>

#include "myproject.h"
#include "parameters.h"

void myproject(
    input_t in1[N_INPUT_1_1*N_INPUT_2_1],
    result_t layer9_out[N_LAYER_9]
) {

    // hls-fpga-machine-learning insert IO
    #pragma HLS ARRAY_RESHAPE variable=in1 complete dim=0
    #pragma HLS ARRAY_PARTITION variable=layer9_out complete dim=0
    #pragma HLS INTERFACE ap_vld port=in1,layer9_out 
    #pragma HLS DATAFLOW 

#ifndef __SYNTHESIS__
    static bool loaded_weights = false;
    if (!loaded_weights) {
        // hls-fpga-machine-learning insert load weights
        nnet::load_weights_from_txt<conv1_weight_t, 36>(w2, "w2.txt");
        nnet::load_weights_from_txt<conv1_bias_t, 4>(b2, "b2.txt");
        nnet::load_weights_from_txt<point_weight_t, 12>(w11, "w11.txt");
        nnet::load_weights_from_txt<point_bias_t, 3>(b11, "b11.txt");
        nnet::load_weights_from_txt<fc_weight_t, 6>(w9, "w9.txt");
        nnet::load_weights_from_txt<fc_bias_t, 2>(b9, "b9.txt");
        loaded_weights = true;
    }
#endif

    // ****************************************
    // NETWORK INSTANTIATION
    // ****************************************

    // hls-fpga-machine-learning insert layers

    layer2_t layer2_out[N_OUTPUTS_2*N_FILT_2];
    #pragma HLS ARRAY_PARTITION variable=layer2_out complete dim=0
    nnet::conv_1d_cl<input_t, layer2_t, config2>(in1, layer2_out, w2, b2); // conv1

    layer4_t layer4_out[N_OUTPUTS_2*N_FILT_2];
    #pragma HLS ARRAY_PARTITION variable=layer4_out complete dim=0
    nnet::relu<layer2_t, layer4_t, relu_config4>(layer2_out, layer4_out); // relu1

    layer5_t layer5_out[N_OUTPUTS_5*N_FILT_5];
    #pragma HLS ARRAY_PARTITION variable=layer5_out complete dim=0
    nnet::pooling1d_cl<layer4_t, layer5_t, config5>(layer4_out, layer5_out); // pool1

    layer11_t layer11_out[N_OUTPUTS_11*N_FILT_11];
    #pragma HLS ARRAY_PARTITION variable=layer11_out complete dim=0
    nnet::pointwise_conv_1d_cl<layer5_t, layer11_t, config11>(layer5_out, layer11_out, w11, b11); // point

    layer8_t layer8_out[N_FILT_8];
    #pragma HLS ARRAY_PARTITION variable=layer8_out complete dim=0
    nnet::global_pooling1d_cl<layer11_t, layer8_t, config8>(layer11_out, layer8_out); // global

    nnet::dense<layer8_t, result_t, config9>(layer8_out, layer9_out, w9, b9); // fc

}
