#include <iostream>

#include "myproject.h"
#include "parameters.h"

void myproject(
    input_t in1[N_INPUT_1_1*N_INPUT_2_1],
    result_t layer5_out[N_LAYER_5]
) {

    // hls-fpga-machine-learning insert IO
    #pragma HLS ARRAY_RESHAPE variable=in1 complete dim=0
    #pragma HLS ARRAY_PARTITION variable=layer5_out complete dim=0
    #pragma HLS INTERFACE ap_vld port=in1,layer5_out 
    #pragma HLS PIPELINE 

#ifndef __SYNTHESIS__
    static bool loaded_weights = false;
    if (!loaded_weights) {
        // hls-fpga-machine-learning insert load weights
        nnet::load_weights_from_txt<lstm_weight_t, 96>(w2, "w2.txt");
        nnet::load_weights_from_txt<lstm_recurrent_weight_t, 64>(wr2, "wr2.txt");
        nnet::load_weights_from_txt<lstm_bias_t, 16>(b2, "b2.txt");
        nnet::load_weights_from_txt<lstm_recurrent_bias_t, 16>(br2, "br2.txt");
        nnet::load_weights_from_txt<gru_weight_t, 36>(w3, "w3.txt");
        nnet::load_weights_from_txt<gru_recurrent_weight_t, 27>(wr3, "wr3.txt");
        nnet::load_weights_from_txt<gru_bias_t, 9>(b3, "b3.txt");
        nnet::load_weights_from_txt<gru_recurrent_bias_t, 9>(br3, "br3.txt");
        nnet::load_weights_from_txt<last_weight_t, 36>(w4, "w4.txt");
        nnet::load_weights_from_txt<last_recurrent_weight_t, 36>(wr4, "wr4.txt");
        nnet::load_weights_from_txt<last_bias_t, 12>(b4, "b4.txt");
        nnet::load_weights_from_txt<last_recurrent_bias_t, 12>(br4, "br4.txt");
        nnet::load_weights_from_txt<fc_weight_t, 6>(w5, "w5.txt");
        nnet::load_weights_from_txt<fc_bias_t, 2>(b5, "b5.txt");
        loaded_weights = true;
    }
#endif

    // ****************************************
    // NETWORK INSTANTIATION
    // ****************************************

    // hls-fpga-machine-learning insert layers

    layer2_t layer2_out[N_TIME_STEPS_2*N_OUT_2];
    #pragma HLS ARRAY_PARTITION variable=layer2_out complete dim=0
    nnet::lstm_stack<input_t, layer2_t, config2>(in1, layer2_out, w2, wr2, b2, br2); // lstm

    layer3_t layer3_out[N_TIME_STEPS_3*N_OUT_3];
    #pragma HLS ARRAY_PARTITION variable=layer3_out complete dim=0
    nnet::gru_stack<layer2_t, layer3_t, config3>(layer2_out, layer3_out, w3, wr3, b3, br3); // gru

    layer4_t layer4_out[N_OUT_4];
    #pragma HLS ARRAY_PARTITION variable=layer4_out complete dim=0
    nnet::lstm_stack<layer3_t, layer4_t, config4>(layer3_out, layer4_out, w4, wr4, b4, br4); // last

    nnet::dense<layer4_t, result_t, config5>(layer4_out, layer5_out, w5, b5); // fc

}
