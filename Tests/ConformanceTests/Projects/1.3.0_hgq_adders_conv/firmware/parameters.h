#ifndef PARAMETERS_H_
#define PARAMETERS_H_

#include "ap_fixed.h"
#include "ap_int.h"

#include "nnet_utils/nnet_code_gen.h"
#include "nnet_utils/nnet_helpers.h"
// hls-fpga-machine-learning insert includes
#include "nnet_utils/nnet_activation.h"
#include "nnet_utils/nnet_activation_stream.h"
#include "nnet_utils/nnet_conv1d.h"
#include "nnet_utils/nnet_conv_stream.h"
#include "nnet_utils/nnet_da_wrappers.h"

// hls-fpga-machine-learning insert weights


// hls-fpga-machine-learning insert layer-config
// c1
struct config3 {
    static const unsigned in_height = -1;
    static const unsigned in_width = 10;
    static const unsigned n_chan = 3;
    static const unsigned out_height = -1;
    static const unsigned out_width = 5;
    static const unsigned n_filt = 4;
    static const unsigned filt_height = -1;
    static const unsigned filt_width = 3;
    static const unsigned stride_height = -1;
    static const unsigned stride_width = 2;

    static const unsigned strategy = nnet::distributed_arithmetic;
    static const unsigned n_partitions = 1;
    static const unsigned n_pixels = 5;
    constexpr static auto dense_da = nnet::dense_da_3<in1_t, c1_t>;
    template<class data_T, class CONFIG_T>
    using fill_buffer = nnet::fill_buffer_3<data_T, CONFIG_T>;
};

// c1_relu
struct relu_config4 : nnet::activ_config {
    static const unsigned n_in = 20;
    static const unsigned table_size = 16384;
    static const unsigned io_type = nnet::io_parallel;
    static const unsigned reuse_factor = 1;
    typedef c1_relu_table_t table_t;
};

// c2
struct config6 {
    static const unsigned in_height = -1;
    static const unsigned in_width = 5;
    static const unsigned n_chan = 4;
    static const unsigned out_height = -1;
    static const unsigned out_width = 4;
    static const unsigned n_filt = 2;
    static const unsigned filt_height = -1;
    static const unsigned filt_width = 2;
    static const unsigned stride_height = -1;
    static const unsigned stride_width = 1;

    static const unsigned strategy = nnet::distributed_arithmetic;
    static const unsigned n_partitions = 1;
    static const unsigned n_pixels = 4;
    constexpr static auto dense_da = nnet::dense_da_6<c1_relu_t, result_t>;
    template<class data_T, class CONFIG_T>
    using fill_buffer = nnet::fill_buffer_6<data_T, CONFIG_T>;
};



#endif
