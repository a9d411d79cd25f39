#include <iostream>

#include "myproject.h"
#include "parameters.h"

void myproject(
    input_t in1[N_INPUT_1_1],
    layer16_t layer16_out[N_LAYER_2], layer17_t layer17_out[N_LAYER_4], layer18_t layer18_out[N_LAYER_6], layer19_t layer19_out[N_LAYER_8], layer20_t layer20_out[N_LAYER_10], layer21_t layer21_out[N_LAYER_12], layer22_t layer22_out[N_LAYER_14]
) {

    // hls-fpga-machine-learning insert IO
    #pragma HLS ARRAY_RESHAPE variable=in1 complete dim=0
    #pragma HLS ARRAY_PARTITION variable=layer16_out complete dim=0
    #pragma HLS ARRAY_PARTITION variable=layer17_out complete dim=0
    #pragma HLS ARRAY_PARTITION variable=layer18_out complete dim=0
    #pragma HLS ARRAY_PARTITION variable=layer19_out complete dim=0
    #pragma HLS ARRAY_PARTITION variable=layer20_out complete dim=0
    #pragma HLS ARRAY_PARTITION variable=layer21_out complete dim=0
    #pragma HLS ARRAY_PARTITION variable=layer22_out complete dim=0
    #pragma HLS INTERFACE ap_vld port=in1,layer16_out,layer17_out,layer18_out,layer19_out,layer20_out,layer21_out,layer22_out 
    #pragma HLS PIPELINE 

#ifndef __SYNTHESIS__
    static bool loaded_weights = false;
    if (!loaded_weights) {
        // hls-fpga-machine-learning insert load weights
        nnet::load_weights_from_txt<fc_relu_weight_t, 30>(w2, "w2.txt");
        nnet::load_weights_from_txt<fc_relu_bias_t, 6>(b2, "b2.txt");
        nnet::load_weights_from_txt<fc_softplus_weight_t, 30>(w4, "w4.txt");
        nnet::load_weights_from_txt<fc_softplus_bias_t, 6>(b4, "b4.txt");
        nnet::load_weights_from_txt<fc_softsign_weight_t, 30>(w6, "w6.txt");
        nnet::load_weights_from_txt<fc_softsign_bias_t, 6>(b6, "b6.txt");
        nnet::load_weights_from_txt<fc_elu_weight_t, 30>(w8, "w8.txt");
        nnet::load_weights_from_txt<fc_elu_bias_t, 6>(b8, "b8.txt");
        nnet::load_weights_from_txt<fc_leaky_weight_t, 30>(w10, "w10.txt");
        nnet::load_weights_from_txt<fc_leaky_bias_t, 6>(b10, "b10.txt");
        nnet::load_weights_from_txt<fc_elu_layer_weight_t, 30>(w12, "w12.txt");
        nnet::load_weights_from_txt<fc_elu_layer_bias_t, 6>(b12, "b12.txt");
        nnet::load_weights_from_txt<fc_thresholded_weight_t, 30>(w14, "w14.txt");
        nnet::load_weights_from_txt<fc_thresholded_bias_t, 6>(b14, "b14.txt");
        loaded_weights = true;
    }
#endif

    // ****************************************
    // NETWORK INSTANTIATION
    // ****************************************

    // hls-fpga-machine-learning insert layers

    layer2_t layer2_out[N_LAYER_2];
    #pragma HLS ARRAY_PARTITION variable=layer2_out complete dim=0
    nnet::dense<input_t, layer2_t, config2>(in1, layer2_out, w2, b2); // fc_relu

    layer4_t layer4_out[N_LAYER_4];
    #pragma HLS ARRAY_PARTITION variable=layer4_out complete dim=0
    nnet::dense<input_t, layer4_t, config4>(in1, layer4_out, w4, b4); // fc_softplus

    layer6_t layer6_out[N_LAYER_6];
    #pragma HLS ARRAY_PARTITION variable=layer6_out complete dim=0
    nnet::dense<input_t, layer6_t, config6>(in1, layer6_out, w6, b6); // fc_softsign

    layer8_t layer8_out[N_LAYER_8];
    #pragma HLS ARRAY_PARTITION variable=layer8_out complete dim=0
    nnet::dense<input_t, layer8_t, config8>(in1, layer8_out, w8, b8); // fc_elu

    layer10_t layer10_out[N_LAYER_10];
    #pragma HLS ARRAY_PARTITION variable=layer10_out complete dim=0
    nnet::dense<input_t, layer10_t, config10>(in1, layer10_out, w10, b10); // fc_leaky

    layer12_t layer12_out[N_LAYER_12];
    #pragma HLS ARRAY_PARTITION variable=layer12_out complete dim=0
    nnet::dense<input_t, layer12_t, config12>(in1, layer12_out, w12, b12); // fc_elu_layer

    layer14_t layer14_out[N_LAYER_14];
    #pragma HLS ARRAY_PARTITION variable=layer14_out complete dim=0
    nnet::dense<input_t, layer14_t, config14>(in1, layer14_out, w14, b14); // fc_thresholded

    nnet::relu<layer2_t, layer16_t, relu_config16>(layer2_out, layer16_out); // relu

    nnet::softplus<layer4_t, layer17_t, softplus_config17>(layer4_out, layer17_out); // softplus

    nnet::softsign<layer6_t, layer18_t, softsign_config18>(layer6_out, layer18_out); // softsign

    nnet::elu<layer8_t, layer19_t, elu_config19>(layer8_out, layer19_out); // elu

    nnet::leaky_relu<layer10_t, layer20_t, LeakyReLU_config20>(layer10_out, 0.30000001192092896, layer20_out); // leaky

    nnet::elu<layer12_t, layer21_t, ELU_config21>(layer12_out, 0.699999988079071, layer21_out); // elu_layer

    nnet::thresholded_relu<layer14_t, layer22_t, ThresholdedReLU_config22>(layer14_out, 0.5, layer22_out); // thresholded

}
