#include <iostream>

#include "myproject.h"
#include "parameters.h"


void myproject(
    input_t in1[10],
    result_t layer14_out[5]
) {

    // hls-fpga-machine-learning insert IO
    #pragma HLS ARRAY_RESHAPE variable=in1 complete dim=0
    #pragma HLS ARRAY_PARTITION variable=layer14_out complete dim=0
    #pragma HLS INTERFACE ap_vld port=in1,layer14_out 
    #pragma HLS PIPELINE

    // hls-fpga-machine-learning insert load weights
#ifndef __SYNTHESIS__
    static bool loaded_weights = false;
    if (!loaded_weights) {
        nnet::load_weights_from_txt<fc1_weight_t, 80>(w2, "w2.txt");
        nnet::load_weights_from_txt<fc1_bias_t, 8>(b2, "b2.txt");
        nnet::load_weights_from_txt<bn_scale_t, 8>(s4, "s4.txt");
        nnet::load_weights_from_txt<bn_bias_t, 8>(b4, "b4.txt");
        nnet::load_weights_from_txt<fc2_weight_t, 48>(w6, "w6.txt");
        nnet::load_weights_from_txt<bias6_t, 6>(b6, "b6.txt");
        nnet::load_weights_from_txt<fc3_weight_t, 36>(w9, "w9.txt");
        nnet::load_weights_from_txt<fc3_bias_t, 6>(b9, "b9.txt");
        nnet::load_weights_from_txt<fc4_weight_t, 30>(w12, "w12.txt");
        nnet::load_weights_from_txt<fc4_bias_t, 5>(b12, "b12.txt");
        loaded_weights = true;    }
#endif
    // ****************************************
    // NETWORK INSTANTIATION
    // ****************************************

    // hls-fpga-machine-learning insert layers

    layer2_t layer2_out[8];
    #pragma HLS ARRAY_PARTITION variable=layer2_out complete dim=0

    layer4_t layer4_out[8];
    #pragma HLS ARRAY_PARTITION variable=layer4_out complete dim=0

    layer5_t layer5_out[8];
    #pragma HLS ARRAY_PARTITION variable=layer5_out complete dim=0

    layer6_t layer6_out[6];
    #pragma HLS ARRAY_PARTITION variable=layer6_out complete dim=0

    layer8_t layer8_out[6];
    #pragma HLS ARRAY_PARTITION variable=layer8_out complete dim=0

    layer9_t layer9_out[6];
    #pragma HLS ARRAY_PARTITION variable=layer9_out complete dim=0

    layer11_t layer11_out[6];
    #pragma HLS ARRAY_PARTITION variable=layer11_out complete dim=0

    layer12_t layer12_out[5];
    #pragma HLS ARRAY_PARTITION variable=layer12_out complete dim=0

    nnet::dense<input_t, layer2_t, config2>(in1, layer2_out, w2, b2); // fc1

    nnet::normalize<layer2_t, layer4_t, config4>(layer2_out, layer4_out, s4, b4); // bn

    nnet::relu<layer4_t, layer5_t, relu_config5>(layer4_out, layer5_out); // relu1

    nnet::dense<layer5_t, layer6_t, config6>(layer5_out, layer6_out, w6, b6); // fc2

    nnet::tanh<layer6_t, layer8_t, tanh_config8>(layer6_out, layer8_out); // tanh2

    nnet::dense<layer8_t, layer9_t, config9>(layer8_out, layer9_out, w9, b9); // fc3

    nnet::sigmoid<layer9_t, layer11_t, sigmoid_config11>(layer9_out, layer11_out); // sigmoid3

    nnet::dense<layer11_t, layer12_t, config12>(layer11_out, layer12_out, w12, b12); // fc4

    nnet::softmax<layer12_t, result_t, softmax_config14>(layer12_out, layer14_out); // softmax4

}

