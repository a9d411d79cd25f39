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
#include "weights/b3.h"
#include "weights/b6.h"


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
    static const unsigned N = 15;
    static const unsigned* const from_shape;
    static const unsigned* const to_shape;
    static const unsigned* const perm;
    static const unsigned* const perm_strides;
};

unsigned config3_tpose_out_from_shape[2] = {3, 5};
unsigned config3_tpose_out_to_shape[2] = {3, 5};
unsigned config3_tpose_out_perm[2] = {0, 1};
unsigned config3_tpose_out_perm_strides[2] = {5, 1};

const unsigned* const config3_tpose_out::from_shape = config3_tpose_out_from_shape;
const unsigned* const config3_tpose_out::to_shape = config3_tpose_out_to_shape;
const unsigned* const config3_tpose_out::perm = config3_tpose_out_perm;
const unsigned* const config3_tpose_out::perm_strides = config3_tpose_out_perm_strides;



struct config3 {
    typedef config3_tpose_inp tpose_inp_conf;
    typedef config3_tpose_out tpose_out_conf;

    typedef fc1_accum_t accum_t;
    typedef fc1_bias_t bias_t;

    constexpr static auto da_kernel = nnet::einsum_dense3_da_kernel<in1_t, accum_t>;

    // Layer Sizes
    static const unsigned n_free_data = 3;
    static const unsigned n_free_kernel = 5;
    static const unsigned n_contract = 4;
    static const unsigned n_inplace = 1;

    // Resource reuse info
    static const unsigned io_type = nnet::io_parallel;
    static const unsigned strategy = nnet::distributed_arithmetic;
    static const unsigned reuse_factor = 1;
    static const unsigned parallelization_factor = 3; // Only useful when n_inplace > 1
};

// fc1_relu
struct relu_config4 : nnet::activ_config {
    static const unsigned n_in = 15;
    static const unsigned table_size = 16384;
    static const unsigned io_type = nnet::io_parallel;
    static const unsigned reuse_factor = 1;
    typedef fc1_relu_table_t table_t;
};

// fc2
struct config6_tpose_inp {
    static const unsigned dims = 2;
    static const unsigned N = 15;
    static const unsigned* const from_shape;
    static const unsigned* const to_shape;
    static const unsigned* const perm;
    static const unsigned* const perm_strides;
};

unsigned config6_tpose_inp_from_shape[2] = {3, 5};
unsigned config6_tpose_inp_to_shape[2] = {3, 5};
unsigned config6_tpose_inp_perm[2] = {0, 1};
unsigned config6_tpose_inp_perm_strides[2] = {5, 1};

const unsigned* const config6_tpose_inp::from_shape = config6_tpose_inp_from_shape;
const unsigned* const config6_tpose_inp::to_shape = config6_tpose_inp_to_shape;
const unsigned* const config6_tpose_inp::perm = config6_tpose_inp_perm;
const unsigned* const config6_tpose_inp::perm_strides = config6_tpose_inp_perm_strides;


struct config6_tpose_out {
    static const unsigned dims = 2;
    static const unsigned N = 6;
    static const unsigned* const from_shape;
    static const unsigned* const to_shape;
    static const unsigned* const perm;
    static const unsigned* const perm_strides;
};

unsigned config6_tpose_out_from_shape[2] = {3, 2};
unsigned config6_tpose_out_to_shape[2] = {3, 2};
unsigned config6_tpose_out_perm[2] = {0, 1};
unsigned config6_tpose_out_perm_strides[2] = {2, 1};

const unsigned* const config6_tpose_out::from_shape = config6_tpose_out_from_shape;
const unsigned* const config6_tpose_out::to_shape = config6_tpose_out_to_shape;
const unsigned* const config6_tpose_out::perm = config6_tpose_out_perm;
const unsigned* const config6_tpose_out::perm_strides = config6_tpose_out_perm_strides;



struct config6 {
    typedef config6_tpose_inp tpose_inp_conf;
    typedef config6_tpose_out tpose_out_conf;

    typedef fc2_accum_t accum_t;
    typedef fc2_bias_t bias_t;

    constexpr static auto da_kernel = nnet::einsum_dense6_da_kernel<fc1_relu_t, accum_t>;

    // Layer Sizes
    static const unsigned n_free_data = 1;
    static const unsigned n_free_kernel = 2;
    static const unsigned n_contract = 5;
    static const unsigned n_inplace = 3;

    // Resource reuse info
    static const unsigned io_type = nnet::io_parallel;
    static const unsigned strategy = nnet::distributed_arithmetic;
    static const unsigned reuse_factor = 1;
    static const unsigned parallelization_factor = 1; // Only useful when n_inplace > 1
};



#endif
