#include <iostream>

#include "myproject.h"
#include "parameters.h"


void myproject(
    input_t in1[N_INPUT_1_1], input2_t in2[N_INPUT_1_2],
    result_t layer13_out[N_LAYER_13]
) {

    // hls-fpga-machine-learning insert IO
    #pragma HLS ARRAY_RESHAPE variable=in1 complete dim=0
    #pragma HLS ARRAY_RESHAPE variable=in2 complete dim=0
    #pragma HLS ARRAY_PARTITION variable=layer13_out complete dim=0
    #pragma HLS INTERFACE ap_vld port=in1,in2,layer13_out 
    #pragma HLS PIPELINE

    // hls-fpga-machine-learning insert load weights
#ifndef __SYNTHESIS__
    static bool loaded_weights = false;
    if (!loaded_weights) {
        nnet::load_weights_from_txt<fa_weight_t, 36>(w3, "w3.txt");
        nnet::load_weights_from_txt<fa_bias_t, 6>(b3, "b3.txt");
        nnet::load_weights_from_txt<fb_weight_t, 30>(w5, "w5.txt");
        nnet::load_weights_from_txt<fb_bias_t, 6>(b5, "b5.txt");
        nnet::load_weights_from_txt<fc_weight_t, 48>(w13, "w13.txt");
        nnet::load_weights_from_txt<fc_bias_t, 4>(b13, "b13.txt");
        loaded_weights = true;    }
#endif
    // ****************************************
    // NETWORK INSTANTIATION
    // ****************************************

    // hls-fpga-machine-learning insert layers

    layer3_t layer3_out[N_LAYER_3];
    #pragma HLS ARRAY_PARTITION variable=layer3_out complete dim=0
    nnet::dense<input_t, layer3_t, config3>(in1, layer3_out, w3, b3); // fa

    layer5_t layer5_out[N_LAYER_5];
    #pragma HLS ARRAY_PARTITION variable=layer5_out complete dim=0
    nnet::dense<input2_t, layer5_t, config5>(in2, layer5_out, w5, b5); // fb

    layer7_t layer7_out[N_LAYER_3];
    #pragma HLS ARRAY_PARTITION variable=layer7_out complete dim=0
    nnet::add<layer3_t, layer5_t, layer7_t, config7>(layer3_out, layer5_out, layer7_out); // add

    layer8_t layer8_out[N_LAYER_3];
    #pragma HLS ARRAY_PARTITION variable=layer8_out complete dim=0
    nnet::subtract<layer7_t, layer5_t, layer8_t, config8>(layer7_out, layer5_out, layer8_out); // subtract

    layer9_t layer9_out[N_LAYER_3];
    #pragma HLS ARRAY_PARTITION variable=layer9_out complete dim=0
    nnet::multiply<layer8_t, layer3_t, layer9_t, config9>(layer8_out, layer3_out, layer9_out); // multiply

    layer10_t layer10_out[N_LAYER_3];
    #pragma HLS ARRAY_PARTITION variable=layer10_out complete dim=0
    nnet::maximum<layer9_t, layer5_t, layer10_t, config10>(layer9_out, layer5_out, layer10_out); // maximum

    layer11_t layer11_out[N_LAYER_3];
    #pragma HLS ARRAY_PARTITION variable=layer11_out complete dim=0
    nnet::minimum<layer10_t, layer7_t, layer11_t, config11>(layer10_out, layer7_out, layer11_out); // minimum

    layer12_t layer12_out[OUT_CONCAT_12];
    #pragma HLS ARRAY_PARTITION variable=layer12_out complete dim=0
    nnet::concatenate1d<layer11_t, layer9_t, layer12_t, config12>(layer11_out, layer9_out, layer12_out); // concatenate

    nnet::dense<layer12_t, result_t, config13>(layer12_out, layer13_out, w13, b13); // fc

}

