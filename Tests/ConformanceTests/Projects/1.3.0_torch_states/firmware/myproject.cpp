#include <iostream>

#include "myproject.h"
#include "parameters.h"


void myproject(
    input_t x[4*5], input2_t h[1*4], input3_t c[1*4],
    result_t layer4_out[4]
) {

    // hls-fpga-machine-learning insert IO
    #pragma HLS ARRAY_RESHAPE variable=x complete dim=0
    #pragma HLS ARRAY_RESHAPE variable=h complete dim=0
    #pragma HLS ARRAY_RESHAPE variable=c complete dim=0
    #pragma HLS ARRAY_PARTITION variable=layer4_out complete dim=0
    #pragma HLS INTERFACE ap_vld port=x,h,c,layer4_out 
    #pragma HLS PIPELINE

    // hls-fpga-machine-learning insert load weights
#ifndef __SYNTHESIS__
    static bool loaded_weights = false;
    if (!loaded_weights) {
        nnet::load_weights_from_txt<lstm_weight_t, 80>(w4, "w4.txt");
        nnet::load_weights_from_txt<lstm_recurrent_weight_t, 64>(wr4, "wr4.txt");
        nnet::load_weights_from_txt<lstm_bias_t, 16>(b4, "b4.txt");
        nnet::load_weights_from_txt<lstm_recurrent_bias_t, 16>(br4, "br4.txt");
        loaded_weights = true;    }
#endif
    // ****************************************
    // NETWORK INSTANTIATION
    // ****************************************

    // hls-fpga-machine-learning insert layers

    nnet::lstm_stack<input_t, input2_t, input3_t, result_t, config4>(x, h, c, layer4_out, w4, wr4, b4, br4); // lstm

}

