#include <iostream>

#include "myproject.h"
#include "parameters.h"

void myproject(
    hls::stream<input_t> &in1,
    hls::stream<result_t> &layer3_out
) {

    // hls-fpga-machine-learning insert IO
    #pragma HLS INTERFACE axis port=in1,layer3_out 
    #pragma HLS DATAFLOW 

#ifndef __SYNTHESIS__
    static bool loaded_weights = false;
    if (!loaded_weights) {
        // hls-fpga-machine-learning insert load weights
        loaded_weights = true;
    }
#endif

    // ****************************************
    // NETWORK INSTANTIATION
    // ****************************************

    // hls-fpga-machine-learning insert layers

    hls::stream<layer2_t> layer2_out("layer2_out");
    #pragma HLS STREAM variable=layer2_out depth=9
    nnet::pooling2d_cl<input_t, layer2_t, config2>(in1, layer2_out); // pool1

    nnet::global_pooling2d_cl<layer2_t, result_t, config3>(layer2_out, layer3_out); // global

}
