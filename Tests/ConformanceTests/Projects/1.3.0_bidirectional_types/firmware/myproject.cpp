#include <iostream>

#include "myproject.h"
#include "parameters.h"


void myproject(
    input_t in1[4*3],
    result_t layer4_out[2]
) {

    // hls-fpga-machine-learning insert IO
    #pragma HLS ARRAY_RESHAPE variable=in1 complete dim=0
    #pragma HLS ARRAY_PARTITION variable=layer4_out complete dim=0
    #pragma HLS INTERFACE ap_vld port=in1,layer4_out 
    #pragma HLS PIPELINE

    // hls-fpga-machine-learning insert load weights
#ifndef __SYNTHESIS__
    static bool loaded_weights = false;
    if (!loaded_weights) {
        nnet::load_weights_from_txt<both_forward_weight_t, 27>(w_f_2, "w_f_2.txt");
        nnet::load_weights_from_txt<both_forward_recurrent_weight_t, 27>(wr_f_2, "wr_f_2.txt");
        nnet::load_weights_from_txt<both_forward_bias_t, 9>(b_f_2, "b_f_2.txt");
        nnet::load_weights_from_txt<both_forward_recurrent_bias_t, 9>(br_f_2, "br_f_2.txt");
        nnet::load_weights_from_txt<both_backward_weight_t, 27>(w_b_2, "w_b_2.txt");
        nnet::load_weights_from_txt<both_backward_recurrent_weight_t, 27>(wr_b_2, "wr_b_2.txt");
        nnet::load_weights_from_txt<both_backward_bias_t, 9>(b_b_2, "b_b_2.txt");
        nnet::load_weights_from_txt<both_backward_recurrent_bias_t, 9>(br_b_2, "br_b_2.txt");
        nnet::load_weights_from_txt<ends_forward_weight_t, 48>(w_f_3, "w_f_3.txt");
        nnet::load_weights_from_txt<ends_forward_recurrent_weight_t, 16>(wr_f_3, "wr_f_3.txt");
        nnet::load_weights_from_txt<ends_forward_bias_t, 8>(b_f_3, "b_f_3.txt");
        nnet::load_weights_from_txt<ends_forward_recurrent_bias_t, 8>(br_f_3, "br_f_3.txt");
        nnet::load_weights_from_txt<ends_backward_weight_t, 48>(w_b_3, "w_b_3.txt");
        nnet::load_weights_from_txt<ends_backward_recurrent_weight_t, 16>(wr_b_3, "wr_b_3.txt");
        nnet::load_weights_from_txt<ends_backward_bias_t, 8>(b_b_3, "b_b_3.txt");
        nnet::load_weights_from_txt<ends_backward_recurrent_bias_t, 8>(br_b_3, "br_b_3.txt");
        nnet::load_weights_from_txt<fc_weight_t, 8>(w4, "w4.txt");
        nnet::load_weights_from_txt<fc_bias_t, 2>(b4, "b4.txt");
        loaded_weights = true;    }
#endif
    // ****************************************
    // NETWORK INSTANTIATION
    // ****************************************

    // hls-fpga-machine-learning insert layers

    layer2_t layer2_out[4*6];
    #pragma HLS ARRAY_PARTITION variable=layer2_out complete dim=0

    layer3_t layer3_out[4];
    #pragma HLS ARRAY_PARTITION variable=layer3_out complete dim=0

    nnet::bidirectional_stack<input_t, layer2_t, config2>(in1, layer2_out, w_f_2, wr_f_2, b_f_2, br_f_2, w_b_2, wr_b_2, b_b_2, br_b_2); // both

    nnet::bidirectional_stack<layer2_t, layer3_t, config3>(layer2_out, layer3_out, w_f_3, wr_f_3, b_f_3, br_f_3, w_b_3, wr_b_3, b_b_3, br_b_3); // ends

    nnet::dense<layer3_t, result_t, config4>(layer3_out, layer4_out, w4, b4); // fc

}

