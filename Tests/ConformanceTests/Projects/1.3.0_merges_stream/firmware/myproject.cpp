#include <iostream>

#include "myproject.h"
#include "parameters.h"


void myproject(
    hls::stream<input_t> &in1, hls::stream<input2_t> &in2,
    hls::stream<result_t> &layer13_out
) {

    // hls-fpga-machine-learning insert IO
    #pragma HLS INTERFACE axis port=in1,in2,layer13_out 
    #pragma HLS DATAFLOW

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

    hls::stream<layer3_t> layer3_out("layer3_out");
    #pragma HLS STREAM variable=layer3_out depth=1

    hls::stream<layer3_t> layer15_cpy1("layer15_cpy1");
    #pragma HLS STREAM variable=layer15_cpy1 depth=1

    hls::stream<layer3_t> layer15_cpy2("layer15_cpy2");
    #pragma HLS STREAM variable=layer15_cpy2 depth=1

    hls::stream<layer5_t> layer5_out("layer5_out");
    #pragma HLS STREAM variable=layer5_out depth=1

    hls::stream<layer5_t> layer16_cpy1("layer16_cpy1");
    #pragma HLS STREAM variable=layer16_cpy1 depth=1

    hls::stream<layer5_t> layer16_cpy2("layer16_cpy2");
    #pragma HLS STREAM variable=layer16_cpy2 depth=1

    hls::stream<layer5_t> layer16_cpy3("layer16_cpy3");
    #pragma HLS STREAM variable=layer16_cpy3 depth=1

    hls::stream<layer7_t> layer7_out("layer7_out");
    #pragma HLS STREAM variable=layer7_out depth=1

    hls::stream<layer7_t> layer17_cpy1("layer17_cpy1");
    #pragma HLS STREAM variable=layer17_cpy1 depth=1

    hls::stream<layer7_t> layer17_cpy2("layer17_cpy2");
    #pragma HLS STREAM variable=layer17_cpy2 depth=1

    hls::stream<layer8_t> layer8_out("layer8_out");
    #pragma HLS STREAM variable=layer8_out depth=1

    hls::stream<layer9_t> layer9_out("layer9_out");
    #pragma HLS STREAM variable=layer9_out depth=1

    hls::stream<layer9_t> layer18_cpy1("layer18_cpy1");
    #pragma HLS STREAM variable=layer18_cpy1 depth=1

    hls::stream<layer9_t> layer18_cpy2("layer18_cpy2");
    #pragma HLS STREAM variable=layer18_cpy2 depth=1

    hls::stream<layer10_t> layer10_out("layer10_out");
    #pragma HLS STREAM variable=layer10_out depth=1

    hls::stream<layer11_t> layer11_out("layer11_out");
    #pragma HLS STREAM variable=layer11_out depth=1

    hls::stream<layer12_t> layer12_out("layer12_out");
    #pragma HLS STREAM variable=layer12_out depth=1

    nnet::dense<input_t, layer3_t, config3>(in1, layer3_out, w3, b3); // fa

    nnet::clone_stream<layer3_t, layer3_t, 6>(layer3_out, layer15_cpy1, layer15_cpy2); // clone_fa

    nnet::dense<input2_t, layer5_t, config5>(in2, layer5_out, w5, b5); // fb

    nnet::clone_stream<layer5_t, layer5_t, 6>(layer5_out, layer16_cpy1, layer16_cpy2, layer16_cpy3); // clone_fb

    nnet::add<layer3_t, layer5_t, layer7_t, config7>(layer15_cpy1, layer16_cpy1, layer7_out); // add

    nnet::clone_stream<layer7_t, layer7_t, 6>(layer7_out, layer17_cpy1, layer17_cpy2); // clone_add

    nnet::subtract<layer7_t, layer5_t, layer8_t, config8>(layer17_cpy1, layer16_cpy2, layer8_out); // subtract

    nnet::multiply<layer8_t, layer3_t, layer9_t, config9>(layer8_out, layer15_cpy2, layer9_out); // multiply

    nnet::clone_stream<layer9_t, layer9_t, 6>(layer9_out, layer18_cpy1, layer18_cpy2); // clone_multiply

    nnet::maximum<layer9_t, layer5_t, layer10_t, config10>(layer18_cpy1, layer16_cpy3, layer10_out); // maximum

    nnet::minimum<layer10_t, layer7_t, layer11_t, config11>(layer10_out, layer17_cpy2, layer11_out); // minimum

    nnet::concatenate1d<layer11_t, layer9_t, layer12_t, config12>(layer11_out, layer18_cpy2, layer12_out); // concatenate

    nnet::dense<layer12_t, result_t, config13>(layer12_out, layer13_out, w13, b13); // fc

}

