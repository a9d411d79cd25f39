#include <iostream>

#include "myproject.h"
#include "parameters.h"


void myproject(
    input_t in1[5*4],
    result_t layer5_out[3]
) {

    // hls-fpga-machine-learning insert IO
    #pragma HLS ARRAY_RESHAPE variable=in1 complete dim=0
    #pragma HLS ARRAY_PARTITION variable=layer5_out complete dim=0
    #pragma HLS INTERFACE ap_vld port=in1,layer5_out 
    #pragma HLS PIPELINE

    // hls-fpga-machine-learning insert load weights
#ifndef __SYNTHESIS__
    static bool loaded_weights = false;
    if (!loaded_weights) {
        nnet::load_weights_from_txt<model_default_t, 24>(w6, "w6.txt");
        nnet::load_weights_from_txt<model_default_t, 6>(b6, "b6.txt");
        nnet::load_weights_from_txt<model_default_t, 18>(w8, "w8.txt");
        nnet::load_weights_from_txt<model_default_t, 3>(b8, "b8.txt");
        nnet::load_weights_from_txt<gru_weight_t, 27>(w5, "w5.txt");
        nnet::load_weights_from_txt<gru_recurrent_weight_t, 27>(wr5, "wr5.txt");
        nnet::load_weights_from_txt<gru_bias_t, 9>(b5, "b5.txt");
        nnet::load_weights_from_txt<gru_recurrent_bias_t, 9>(br5, "br5.txt");
        loaded_weights = true;    }
#endif
    // ****************************************
    // NETWORK INSTANTIATION
    // ****************************************

    // hls-fpga-machine-learning insert layers

    layer2_t layer2_out[4];
    #pragma HLS ARRAY_PARTITION variable=layer2_out complete dim=0

    layer6_t layer6_out[6];
    #pragma HLS ARRAY_PARTITION variable=layer6_out complete dim=0

    layer7_t layer7_out[5*6];
    #pragma HLS ARRAY_PARTITION variable=layer7_out complete dim=0

    layer3_t layer3_out[5*6];
    #pragma HLS ARRAY_PARTITION variable=layer3_out complete dim=0

    layer4_t layer4_out[6];
    #pragma HLS ARRAY_PARTITION variable=layer4_out complete dim=0

    layer8_t layer8_out[3];
    #pragma HLS ARRAY_PARTITION variable=layer8_out complete dim=0

    layer9_t layer9_out[5*3];
    #pragma HLS ARRAY_PARTITION variable=layer9_out complete dim=0

    for (int ts = 0; ts < config2::n_time_steps; ts++) {
        
        nnet::read_time_step_2d<input_t, config2>(ts, in1, layer2_out); // each1

    nnet::dense<layer2_t, layer6_t, config6>(layer2_out, layer6_out, w6, b6); // fc1

        nnet::write_time_step_2d<layer7_t, config7>(ts, layer6_out, layer7_out);
    } // each1_end

    nnet::relu<layer7_t, layer3_t, relu_config3>(layer7_out, layer3_out); // relu1

    for (int ts = 0; ts < config4::n_time_steps; ts++) {
        
        nnet::read_time_step_2d<layer3_t, config4>(ts, layer3_out, layer4_out); // each2

    nnet::dense<layer4_t, layer8_t, config8>(layer4_out, layer8_out, w8, b8); // fc2

        nnet::write_time_step_2d<layer9_t, config9>(ts, layer8_out, layer9_out);
    } // each2_end

    nnet::gru_stack<layer9_t, result_t, config5>(layer9_out, layer5_out, w5, wr5, b5, br5); // gru

}

