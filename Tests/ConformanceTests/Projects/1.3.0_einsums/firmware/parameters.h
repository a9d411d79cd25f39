#ifndef PARAMETERS_H_
#define PARAMETERS_H_

#include "ap_fixed.h"
#include "ap_int.h"

#include "nnet_utils/nnet_code_gen.h"
#include "nnet_utils/nnet_helpers.h"
// hls-fpga-machine-learning insert includes
#include "nnet_utils/nnet_activation.h"
#include "nnet_utils/nnet_activation_stream.h"
#include "nnet_utils/nnet_dense.h"
#include "nnet_utils/nnet_einsum_dense.h"

// hls-fpga-machine-learning insert weights
#include "weights/w2.h"
#include "weights/b2.h"
#include "weights/w4.h"
#include "weights/b4.h"
#include "weights/w5.h"
#include "weights/b5.h"


// hls-fpga-machine-learning insert layer-config
// first
struct config2_tpose_inp {
    static const unsigned dims = 2;
    static const unsigned N = 24;
    static const unsigned* const from_shape;
    static const unsigned* const to_shape;
    static const unsigned* const perm;
    static const unsigned* const perm_strides;
};

unsigned config2_tpose_inp_from_shape[2] = {4, 6};
unsigned config2_tpose_inp_to_shape[2] = {4, 6};
unsigned config2_tpose_inp_perm[2] = {0, 1};
unsigned config2_tpose_inp_perm_strides[2] = {6, 1};

const unsigned* const config2_tpose_inp::from_shape = config2_tpose_inp_from_shape;
const unsigned* const config2_tpose_inp::to_shape = config2_tpose_inp_to_shape;
const unsigned* const config2_tpose_inp::perm = config2_tpose_inp_perm;
const unsigned* const config2_tpose_inp::perm_strides = config2_tpose_inp_perm_strides;


struct config2_tpose_out {
    static const unsigned dims = 2;
    static const unsigned N = 20;
    static const unsigned* const from_shape;
    static const unsigned* const to_shape;
    static const unsigned* const perm;
    static const unsigned* const perm_strides;
};

unsigned config2_tpose_out_from_shape[2] = {4, 5};
unsigned config2_tpose_out_to_shape[2] = {4, 5};
unsigned config2_tpose_out_perm[2] = {0, 1};
unsigned config2_tpose_out_perm_strides[2] = {5, 1};

const unsigned* const config2_tpose_out::from_shape = config2_tpose_out_from_shape;
const unsigned* const config2_tpose_out::to_shape = config2_tpose_out_to_shape;
const unsigned* const config2_tpose_out::perm = config2_tpose_out_perm;
const unsigned* const config2_tpose_out::perm_strides = config2_tpose_out_perm_strides;


struct config2_dense : nnet::dense_config {
    static const unsigned n_in = 6;
    static const unsigned n_out = 5;
    static const unsigned reuse_factor = 1;
    static const unsigned strategy = nnet::latency;
    static const unsigned n_zeros = 0;
    static const unsigned multiplier_limit = DIV_ROUNDUP(n_in * n_out, reuse_factor) - n_zeros / reuse_factor;
    typedef first_accum_t accum_t;
    typedef first_bias_t bias_t;
    typedef first_weight_t weight_t;
    template<class data_T, class res_T, class CONFIG_T>
    using kernel = nnet::DenseLatency<data_T, res_T, CONFIG_T>;
    template<class x_T, class y_T>
    using product = nnet::product::mult<x_T, y_T>;
};



struct config2 {
    typedef config2_tpose_inp tpose_inp_conf;
    typedef config2_tpose_out tpose_out_conf;

    typedef first_accum_t accum_t;
    typedef first_bias_t bias_t;

    typedef config2_dense dense_conf;

    // Layer Sizes
    static const unsigned n_free_data = 4;
    static const unsigned n_free_kernel = 5;
    static const unsigned n_contract = 6;
    static const unsigned n_inplace = 1;

    // Resource reuse info
    static const unsigned io_type = nnet::io_parallel;
    static const unsigned strategy = nnet::latency;
    static const unsigned reuse_factor = 1;
    static const unsigned parallelization_factor = 4; // Only useful when n_inplace > 1
};

// relu1
struct relu_config3 : nnet::activ_config {
    static const unsigned n_in = 20;
    static const unsigned table_size = 1024;
    static const unsigned io_type = nnet::io_parallel;
    static const unsigned reuse_factor = 1;
    typedef relu1_table_t table_t;
};

// second
struct config4_tpose_inp {
    static const unsigned dims = 2;
    static const unsigned N = 20;
    static const unsigned* const from_shape;
    static const unsigned* const to_shape;
    static const unsigned* const perm;
    static const unsigned* const perm_strides;
};

unsigned config4_tpose_inp_from_shape[2] = {4, 5};
unsigned config4_tpose_inp_to_shape[2] = {5, 4};
unsigned config4_tpose_inp_perm[2] = {1, 0};
unsigned config4_tpose_inp_perm_strides[2] = {1, 5};

const unsigned* const config4_tpose_inp::from_shape = config4_tpose_inp_from_shape;
const unsigned* const config4_tpose_inp::to_shape = config4_tpose_inp_to_shape;
const unsigned* const config4_tpose_inp::perm = config4_tpose_inp_perm;
const unsigned* const config4_tpose_inp::perm_strides = config4_tpose_inp_perm_strides;


struct config4_tpose_out {
    static const unsigned dims = 2;
    static const unsigned N = 15;
    static const unsigned* const from_shape;
    static const unsigned* const to_shape;
    static const unsigned* const perm;
    static const unsigned* const perm_strides;
};

unsigned config4_tpose_out_from_shape[2] = {5, 3};
unsigned config4_tpose_out_to_shape[2] = {3, 5};
unsigned config4_tpose_out_perm[2] = {1, 0};
unsigned config4_tpose_out_perm_strides[2] = {1, 3};

const unsigned* const config4_tpose_out::from_shape = config4_tpose_out_from_shape;
const unsigned* const config4_tpose_out::to_shape = config4_tpose_out_to_shape;
const unsigned* const config4_tpose_out::perm = config4_tpose_out_perm;
const unsigned* const config4_tpose_out::perm_strides = config4_tpose_out_perm_strides;


struct config4_dense : nnet::dense_config {
    static const unsigned n_in = 4;
    static const unsigned n_out = 3;
    static const unsigned reuse_factor = 1;
    static const unsigned strategy = nnet::latency;
    static const unsigned n_zeros = 0;
    static const unsigned multiplier_limit = DIV_ROUNDUP(n_in * n_out, reuse_factor) - n_zeros / reuse_factor;
    typedef second_accum_t accum_t;
    typedef second_bias_t bias_t;
    typedef second_weight_t weight_t;
    template<class data_T, class res_T, class CONFIG_T>
    using kernel = nnet::DenseLatency<data_T, res_T, CONFIG_T>;
    template<class x_T, class y_T>
    using product = nnet::product::mult<x_T, y_T>;
};



struct config4 {
    typedef config4_tpose_inp tpose_inp_conf;
    typedef config4_tpose_out tpose_out_conf;

    typedef second_accum_t accum_t;
    typedef second_bias_t bias_t;

    typedef config4_dense dense_conf;

    // Layer Sizes
    static const unsigned n_free_data = 5;
    static const unsigned n_free_kernel = 3;
    static const unsigned n_contract = 4;
    static const unsigned n_inplace = 1;

    // Resource reuse info
    static const unsigned io_type = nnet::io_parallel;
    static const unsigned strategy = nnet::latency;
    static const unsigned reuse_factor = 1;
    static const unsigned parallelization_factor = 5; // Only useful when n_inplace > 1
};

// third
struct config5_tpose_inp {
    static const unsigned dims = 2;
    static const unsigned N = 15;
    static const unsigned* const from_shape;
    static const unsigned* const to_shape;
    static const unsigned* const perm;
    static const unsigned* const perm_strides;
};

unsigned config5_tpose_inp_from_shape[2] = {3, 5};
unsigned config5_tpose_inp_to_shape[2] = {3, 5};
unsigned config5_tpose_inp_perm[2] = {0, 1};
unsigned config5_tpose_inp_perm_strides[2] = {5, 1};

const unsigned* const config5_tpose_inp::from_shape = config5_tpose_inp_from_shape;
const unsigned* const config5_tpose_inp::to_shape = config5_tpose_inp_to_shape;
const unsigned* const config5_tpose_inp::perm = config5_tpose_inp_perm;
const unsigned* const config5_tpose_inp::perm_strides = config5_tpose_inp_perm_strides;


struct config5_tpose_out {
    static const unsigned dims = 2;
    static const unsigned N = 12;
    static const unsigned* const from_shape;
    static const unsigned* const to_shape;
    static const unsigned* const perm;
    static const unsigned* const perm_strides;
};

unsigned config5_tpose_out_from_shape[2] = {3, 4};
unsigned config5_tpose_out_to_shape[2] = {3, 4};
unsigned config5_tpose_out_perm[2] = {0, 1};
unsigned config5_tpose_out_perm_strides[2] = {4, 1};

const unsigned* const config5_tpose_out::from_shape = config5_tpose_out_from_shape;
const unsigned* const config5_tpose_out::to_shape = config5_tpose_out_to_shape;
const unsigned* const config5_tpose_out::perm = config5_tpose_out_perm;
const unsigned* const config5_tpose_out::perm_strides = config5_tpose_out_perm_strides;


struct config5_dense : nnet::dense_config {
    static const unsigned n_in = 5;
    static const unsigned n_out = 4;
    static const unsigned reuse_factor = 1;
    static const unsigned strategy = nnet::latency;
    static const unsigned n_zeros = -1; // Not making sense when kernels are switching;
    static const unsigned multiplier_limit = DIV_ROUNDUP(n_in * n_out, reuse_factor) - n_zeros / reuse_factor;
    typedef third_accum_t accum_t;
    typedef third_bias_t bias_t;
    typedef third_weight_t weight_t;
    template<class data_T, class res_T, class CONFIG_T>
    using kernel = nnet::DenseLatency<data_T, res_T, CONFIG_T>;
    template<class x_T, class y_T>
    using product = nnet::product::mult<x_T, y_T>;
};



struct config5 {
    typedef config5_tpose_inp tpose_inp_conf;
    typedef config5_tpose_out tpose_out_conf;

    typedef third_accum_t accum_t;
    typedef third_bias_t bias_t;

    typedef config5_dense dense_conf;

    // Layer Sizes
    static const unsigned n_free_data = 1;
    static const unsigned n_free_kernel = 4;
    static const unsigned n_contract = 5;
    static const unsigned n_inplace = 3;

    // Resource reuse info
    static const unsigned io_type = nnet::io_parallel;
    static const unsigned strategy = nnet::latency;
    static const unsigned reuse_factor = 1;
    static const unsigned parallelization_factor = 1; // Only useful when n_inplace > 1
};



#endif
