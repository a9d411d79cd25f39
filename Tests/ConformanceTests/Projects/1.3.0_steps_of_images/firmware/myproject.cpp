#include <iostream>

#include "myproject.h"
#include "parameters.h"


void myproject(
    input_t in1[3*6*6*2],
    result_t layer5_out[3]
) {

    // hls-fpga-machine-learning insert IO
    #pragma HLS ARRAY_RESHAPE variable=in1 complete dim=0
    #pragma HLS ARRAY_PARTITION variable=layer5_out complete dim=0
    #pragma HLS INTERFACE ap_vld port=in1,layer5_out 
    #pragma HLS DATAFLOW

    // hls-fpga-machine-learning insert load weights
#ifndef __SYNTHESIS__
    static bool loaded_weights = false;
    if (!loaded_weights) {
        nnet::load_weights_from_txt<model_default_t, 54>(w7, "w7.txt");
        nnet::load_weights_from_txt<model_default_t, 3>(b7, "b7.txt");
        nnet::load_weights_from_txt<fc_weight_t, 108>(w5, "w5.txt");
        nnet::load_weights_from_txt<fc_bias_t, 3>(b5, "b5.txt");
        loaded_weights = true;    }
#endif
    // ****************************************
    // NETWORK INSTANTIATION
    // ****************************************

    // hls-fpga-machine-learning insert layers

    layer2_t layer2_out[6*6*2];
    #pragma HLS ARRAY_PARTITION variable=layer2_out complete dim=0

    layer7_t layer7_out[4*4*3];
    #pragma HLS ARRAY_PARTITION variable=layer7_out complete dim=0

    layer8_t layer8_out[3*4*4*3];
    #pragma HLS ARRAY_PARTITION variable=layer8_out complete dim=0

    layer3_t layer3_out[4*4*3];
    #pragma HLS ARRAY_PARTITION variable=layer3_out complete dim=0

    layer9_t layer9_out[2*2*3];
    #pragma HLS ARRAY_PARTITION variable=layer9_out complete dim=0

    layer10_t layer10_out[3*2*2*3];
    #pragma HLS ARRAY_PARTITION variable=layer10_out complete dim=0

    auto& layer4_out = layer10_out;
    for (int ts = 0; ts < config2::n_time_steps; ts++) {
        
        nnet::read_time_step_4d<input_t, config2>(ts, in1, layer2_out); // each1

    nnet::conv_2d_cl<layer2_t, layer7_t, config7>(layer2_out, layer7_out, w7, b7); // conv1

        nnet::write_time_step_4d<layer8_t, config8>(ts, layer7_out, layer8_out);
    } // each1_end

    for (int ts = 0; ts < config3::n_time_steps; ts++) {
        
        nnet::read_time_step_4d<layer8_t, config3>(ts, layer8_out, layer3_out); // each2

    nnet::pooling2d_cl<layer3_t, layer9_t, config9>(layer3_out, layer9_out); // pool1

        nnet::write_time_step_4d<layer10_t, config10>(ts, layer9_out, layer10_out);
    } // each2_end

    nnet::dense<layer10_t, result_t, config5>(layer4_out, layer5_out, w5, b5); // fc

}

