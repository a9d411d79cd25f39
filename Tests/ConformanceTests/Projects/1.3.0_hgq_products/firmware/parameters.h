#ifndef PARAMETERS_H_
#define PARAMETERS_H_

#include "ap_fixed.h"
#include "ap_int.h"

#include "nnet_utils/nnet_code_gen.h"
#include "nnet_utils/nnet_helpers.h"
// hls-fpga-machine-learning insert includes
#include "nnet_utils/nnet_dense.h"
#include "nnet_utils/nnet_einsum.h"
#include "nnet_utils/nnet_einsum_dense.h"

// hls-fpga-machine-learning insert weights
#include "weights/w3.h"
#include "weights/b3.h"


// hls-fpga-machine-learning insert layer-config
// fc1
struct config3_tpose_inp {
    static const unsigned dims = 2;
    static const unsigned N = 12;
    static const unsigned* const from_shape;
    static const unsigned* const to_shape;
    static const unsigned* const perm;
    static const unsigned* const perm_strides;
};

unsigned config3_tpose_inp_from_shape[2] = {3, 4};
unsigned config3_tpose_inp_to_shape[2] = {3, 4};
unsigned config3_tpose_inp_perm[2] = {0, 1};
unsigned config3_tpose_inp_perm_strides[2] = {4, 1};

const unsigned* const config3_tpose_inp::from_shape = config3_tpose_inp_from_shape;
const unsigned* const config3_tpose_inp::to_shape = config3_tpose_inp_to_shape;
const unsigned* const config3_tpose_inp::perm = config3_tpose_inp_perm;
const unsigned* const config3_tpose_inp::perm_strides = config3_tpose_inp_perm_strides;


struct config3_tpose_out {
    static const unsigned dims = 2;
    static const unsigned N = 12;
    static const unsigned* const from_shape;
    static const unsigned* const to_shape;
    static const unsigned* const perm;
    static const unsigned* const perm_strides;
};

unsigned config3_tpose_out_from_shape[2] = {3, 4};
unsigned config3_tpose_out_to_shape[2] = {3, 4};
unsigned config3_tpose_out_perm[2] = {0, 1};
unsigned config3_tpose_out_perm_strides[2] = {4, 1};

const unsigned* const config3_tpose_out::from_shape = config3_tpose_out_from_shape;
const unsigned* const config3_tpose_out::to_shape = config3_tpose_out_to_shape;
const unsigned* const config3_tpose_out::perm = config3_tpose_out_perm;
const unsigned* const config3_tpose_out::perm_strides = config3_tpose_out_perm_strides;


struct config3_dense : nnet::dense_config {
    static const unsigned n_in = 4;
    static const unsigned n_out = 4;
    static const unsigned reuse_factor = 1;
    static const unsigned strategy = nnet::latency;
    static const unsigned n_zeros = 0;
    static const unsigned multiplier_limit = DIV_ROUNDUP(n_in * n_out, reuse_factor) - n_zeros / reuse_factor;
    typedef fc1_accum_t accum_t;
    typedef fc1_bias_t bias_t;
    typedef fc1_weight_t weight_t;
    template<class data_T, class res_T, class CONFIG_T>
    using kernel = nnet::DenseLatency<data_T, res_T, CONFIG_T>;
    template<class x_T, class y_T>
    using product = nnet::product::mult<x_T, y_T>;
};



struct config3 {
    typedef config3_tpose_inp tpose_inp_conf;
    typedef config3_tpose_out tpose_out_conf;

    typedef fc1_accum_t accum_t;
    typedef fc1_bias_t bias_t;

    typedef config3_dense dense_conf;

    // Layer Sizes
    static const unsigned n_free_data = 3;
    static const unsigned n_free_kernel = 4;
    static const unsigned n_contract = 4;
    static const unsigned n_inplace = 1;

    // Resource reuse info
    static const unsigned io_type = nnet::io_parallel;
    static const unsigned strategy = nnet::latency;
    static const unsigned reuse_factor = 1;
    static const unsigned parallelization_factor = 3; // Only useful when n_inplace > 1
};

// scores
struct config6_tpose_inp0 {
    static const unsigned dims = 2;
    static const unsigned N = 12;
    static const unsigned* const from_shape;
    static const unsigned* const to_shape;
    static const unsigned* const perm;
    static const unsigned* const perm_strides;
};

unsigned config6_tpose_inp0_from_shape[2] = {3, 4};
unsigned config6_tpose_inp0_to_shape[2] = {3, 4};
unsigned config6_tpose_inp0_perm[2] = {0, 1};
unsigned config6_tpose_inp0_perm_strides[2] = {4, 1};

const unsigned* const config6_tpose_inp0::from_shape = config6_tpose_inp0_from_shape;
const unsigned* const config6_tpose_inp0::to_shape = config6_tpose_inp0_to_shape;
const unsigned* const config6_tpose_inp0::perm = config6_tpose_inp0_perm;
const unsigned* const config6_tpose_inp0::perm_strides = config6_tpose_inp0_perm_strides;


struct config6_tpose_inp1 {
    static const unsigned dims = 2;
    static const unsigned N = 12;
    static const unsigned* const from_shape;
    static const unsigned* const to_shape;
    static const unsigned* const perm;
    static const unsigned* const perm_strides;
};

unsigned config6_tpose_inp1_from_shape[2] = {3, 4};
unsigned config6_tpose_inp1_to_shape[2] = {3, 4};
unsigned config6_tpose_inp1_perm[2] = {0, 1};
unsigned config6_tpose_inp1_perm_strides[2] = {4, 1};

const unsigned* const config6_tpose_inp1::from_shape = config6_tpose_inp1_from_shape;
const unsigned* const config6_tpose_inp1::to_shape = config6_tpose_inp1_to_shape;
const unsigned* const config6_tpose_inp1::perm = config6_tpose_inp1_perm;
const unsigned* const config6_tpose_inp1::perm_strides = config6_tpose_inp1_perm_strides;


struct config6_tpose_out {
    static const unsigned dims = 2;
    static const unsigned N = 9;
    static const unsigned* const from_shape;
    static const unsigned* const to_shape;
    static const unsigned* const perm;
    static const unsigned* const perm_strides;
};

unsigned config6_tpose_out_from_shape[2] = {3, 3};
unsigned config6_tpose_out_to_shape[2] = {3, 3};
unsigned config6_tpose_out_perm[2] = {0, 1};
unsigned config6_tpose_out_perm_strides[2] = {3, 1};

const unsigned* const config6_tpose_out::from_shape = config6_tpose_out_from_shape;
const unsigned* const config6_tpose_out::to_shape = config6_tpose_out_to_shape;
const unsigned* const config6_tpose_out::perm = config6_tpose_out_perm;
const unsigned* const config6_tpose_out::perm_strides = config6_tpose_out_perm_strides;



struct config6 {
    typedef config6_tpose_inp0 tpose_inp0_config;
    typedef config6_tpose_inp1 tpose_inp1_config;
    typedef config6_tpose_out tpose_out_conf;

    typedef scores_accum_t accum_t;

    // Layer Sizes
    static const unsigned n_free0 = 3;
    static const unsigned n_free1 = 3;
    static const unsigned n_contract = 4;
    static const unsigned n_inplace = 1;

    // Resource reuse info
    static const unsigned io_type = nnet::io_parallel;
    static const unsigned strategy = nnet::latency;
    static const unsigned reuse_factor = 1;
    static const unsigned multiplier_limit = 36;
    static const bool store_weights_in_bram = false; // NOT USED

    template <class x_T, class y_T>
    using product = nnet::product::mult<x_T, y_T>;
};



#endif
