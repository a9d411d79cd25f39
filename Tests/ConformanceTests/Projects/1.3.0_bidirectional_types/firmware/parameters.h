#ifndef PARAMETERS_H_
#define PARAMETERS_H_

#include "ap_fixed.h"
#include "ap_int.h"

#include "nnet_utils/nnet_code_gen.h"
#include "nnet_utils/nnet_helpers.h"
// hls-fpga-machine-learning insert includes
#include "nnet_utils/nnet_dense.h"
#include "nnet_utils/nnet_dense_compressed.h"
#include "nnet_utils/nnet_dense_stream.h"
#include "nnet_utils/nnet_recurrent.h"

// hls-fpga-machine-learning insert weights
#include "weights/w_f_2.h"
#include "weights/wr_f_2.h"
#include "weights/b_f_2.h"
#include "weights/br_f_2.h"
#include "weights/w_b_2.h"
#include "weights/wr_b_2.h"
#include "weights/b_b_2.h"
#include "weights/br_b_2.h"
#include "weights/w_f_3.h"
#include "weights/wr_f_3.h"
#include "weights/b_f_3.h"
#include "weights/br_f_3.h"
#include "weights/w_b_3.h"
#include "weights/wr_b_3.h"
#include "weights/b_b_3.h"
#include "weights/br_b_3.h"
#include "weights/w4.h"
#include "weights/b4.h"


// hls-fpga-machine-learning insert layer-config
// both
struct config2_1_f : nnet::dense_config {
    static const unsigned n_in = 3;
    static const unsigned n_out = 9;
    static const unsigned strategy = nnet::latency;
    static const unsigned reuse_factor = 1;
    static const unsigned n_zeros = 0;
    static const unsigned n_nonzeros = 27;
    static const unsigned multiplier_limit = DIV_ROUNDUP(n_in * n_out, reuse_factor) - n_zeros / reuse_factor;
    static const bool store_weights_in_bram = false;
    typedef both_accum_t accum_t;
    typedef both_forward_bias_t bias_t;
    typedef both_forward_weight_t weight_t;
    template<class data_T, class res_T, class CONFIG_T>
    using kernel = nnet::DenseLatency<data_T, res_T, CONFIG_T>;
    template<class x_T, class y_T>
    using product = nnet::product::mult<x_T, y_T>;
};

struct config2_2_f : nnet::dense_config {
    static const unsigned n_in = 3;
    static const unsigned n_out = 9;
    static const unsigned strategy = nnet::latency;
    static const unsigned reuse_factor = 1;
    static const unsigned n_zeros = 0;
    static const unsigned n_nonzeros = 27;
    static const unsigned multiplier_limit = DIV_ROUNDUP(n_in * n_out, reuse_factor) - n_zeros / reuse_factor;
    static const bool store_weights_in_bram = false;
    typedef both_accum_t accum_t;
    typedef both_forward_recurrent_bias_t bias_t;
    typedef both_forward_recurrent_weight_t weight_t;
    template<class data_T, class res_T, class CONFIG_T>
    using kernel = nnet::DenseLatency<data_T, res_T, CONFIG_T>;
    template<class x_T, class y_T>
    using product = nnet::product::mult<x_T, y_T>;
};

struct sigmoid_config2_f_recr : nnet::activ_config {
    static const unsigned n_in = 6;
    static const unsigned table_size = 1024;
    static const unsigned io_type = nnet::io_parallel;
    static const unsigned reuse_factor = 1;
    typedef both_table_t table_t;
};

struct tanh_config2_f : nnet::activ_config {
    static const unsigned n_in = 3;
    static const unsigned table_size = 1024;
    static const unsigned io_type = nnet::io_parallel;
    static const unsigned reuse_factor = 1;
    typedef both_table_t table_t;
};

struct config2_forward : nnet::single_layer_config {
    typedef both_accum_t accum_t;
    typedef both_forward_weight_t weight_t;  // Matrix
    typedef both_forward_recurrent_weight_t recurrent_weight_t;  // Matrix
    typedef both_forward_bias_t bias_t;  // Vector
    typedef both_forward_recurrent_bias_t recurrent_bias_t;  // Vector
    typedef config2_1_f mult_config1;
    typedef config2_2_f mult_config2;
    typedef sigmoid_config2_f_recr ACT_CONFIG_GRU;
    template<class x_T, class y_T, class config_T>
    using activation_recr = nnet::activation::sigmoid<x_T, y_T, config_T>;
    typedef tanh_config2_f ACT_CONFIG_T;
    template<class x_T, class y_T, class config_T>
    using activation = nnet::activation::tanh<x_T, y_T, config_T>;
    static const unsigned n_in  = 3;
    static const unsigned n_state = 3;
    static const unsigned n_mult = 3;
    static const bool pytorch_order = false;
};

struct config2_1_b : nnet::dense_config {
    static const unsigned n_in = 3;
    static const unsigned n_out = 9;
    static const unsigned strategy = nnet::latency;
    static const unsigned reuse_factor = 1;
    static const unsigned n_zeros = 0;
    static const unsigned n_nonzeros = 27;
    static const unsigned multiplier_limit = DIV_ROUNDUP(n_in * n_out, reuse_factor) - n_zeros / reuse_factor;
    static const bool store_weights_in_bram = false;
    typedef both_accum_t accum_t;
    typedef both_backward_bias_t bias_t;
    typedef both_backward_weight_t weight_t;
    template<class data_T, class res_T, class CONFIG_T>
    using kernel = nnet::DenseLatency<data_T, res_T, CONFIG_T>;
    template<class x_T, class y_T>
    using product = nnet::product::mult<x_T, y_T>;
};

struct config2_2_b : nnet::dense_config {
    static const unsigned n_in = 3;
    static const unsigned n_out = 9;
    static const unsigned strategy = nnet::latency;
    static const unsigned reuse_factor = 1;
    static const unsigned n_zeros = 0;
    static const unsigned n_nonzeros = 27;
    static const unsigned multiplier_limit = DIV_ROUNDUP(n_in * n_out, reuse_factor) - n_zeros / reuse_factor;
    static const bool store_weights_in_bram = false;
    typedef both_accum_t accum_t;
    typedef both_backward_recurrent_bias_t bias_t;
    typedef both_backward_recurrent_weight_t weight_t;
    template<class data_T, class res_T, class CONFIG_T>
    using kernel = nnet::DenseLatency<data_T, res_T, CONFIG_T>;
    template<class x_T, class y_T>
    using product = nnet::product::mult<x_T, y_T>;
};

struct sigmoid_config2_b_recr : nnet::activ_config {
    static const unsigned n_in = 6;
    static const unsigned table_size = 1024;
    static const unsigned io_type = nnet::io_parallel;
    static const unsigned reuse_factor = 1;
    typedef both_table_t table_t;
};

struct tanh_config2_b : nnet::activ_config {
    static const unsigned n_in = 3;
    static const unsigned table_size = 1024;
    static const unsigned io_type = nnet::io_parallel;
    static const unsigned reuse_factor = 1;
    typedef both_table_t table_t;
};

struct config2_backward : nnet::single_layer_config {
    typedef both_accum_t accum_t;
    typedef both_backward_weight_t weight_t;  // Matrix
    typedef both_backward_recurrent_weight_t recurrent_weight_t;  // Matrix
    typedef both_backward_bias_t bias_t;  // Vector
    typedef both_backward_recurrent_bias_t recurrent_bias_t;  // Vector
    typedef config2_1_b mult_config1;
    typedef config2_2_b mult_config2;
    typedef sigmoid_config2_b_recr ACT_CONFIG_GRU;
    template<class x_T, class y_T, class config_T>
    using activation_recr = nnet::activation::sigmoid<x_T, y_T, config_T>;
    typedef tanh_config2_b ACT_CONFIG_T;
    template<class x_T, class y_T, class config_T>
    using activation = nnet::activation::tanh<x_T, y_T, config_T>;
    static const unsigned n_in  = 3;
    static const unsigned n_state = 3;
    static const unsigned n_mult = 3;
    static const bool pytorch_order = false;
};

struct config2 : nnet::bidirectional_config {
    typedef config2_forward FORWARD_CONFIG;
    template<class x_T, class y_T, typename config_T, bool backward>
    using RNNfunc_forward = nnet::gru_class_static<x_T, y_T, config_T, backward>;
    typedef config2_backward BACKWARD_CONFIG;
    template<class x_T, class y_T, typename config_T, bool backward>
    using RNNfunc_backward = nnet::gru_class_static<x_T, y_T, config_T, backward>;
    static const unsigned n_in  = 3;
    static const unsigned n_out = 6;
    static const unsigned n_sequence = 4;
    static const unsigned n_sequence_out = 4;
    static const unsigned io_type = nnet::latency;
    static const unsigned reuse_factor = 1;
    static const bool store_weights_in_bram = false;
    static const bool use_static = true;
    static const bool pytorch_order = false;
};

// ends
struct config3_1_f : nnet::dense_config {
    static const unsigned n_in = 6;
    static const unsigned n_out = 8;
    static const unsigned strategy = nnet::latency;
    static const unsigned reuse_factor = 1;
    static const unsigned n_zeros = 0;
    static const unsigned n_nonzeros = 48;
    static const unsigned multiplier_limit = DIV_ROUNDUP(n_in * n_out, reuse_factor) - n_zeros / reuse_factor;
    static const bool store_weights_in_bram = false;
    typedef ends_accum_t accum_t;
    typedef ends_forward_bias_t bias_t;
    typedef ends_forward_weight_t weight_t;
    template<class data_T, class res_T, class CONFIG_T>
    using kernel = nnet::DenseLatency<data_T, res_T, CONFIG_T>;
    template<class x_T, class y_T>
    using product = nnet::product::mult<x_T, y_T>;
};

struct config3_2_f : nnet::dense_config {
    static const unsigned n_in = 2;
    static const unsigned n_out = 8;
    static const unsigned strategy = nnet::latency;
    static const unsigned reuse_factor = 1;
    static const unsigned n_zeros = 0;
    static const unsigned n_nonzeros = 16;
    static const unsigned multiplier_limit = DIV_ROUNDUP(n_in * n_out, reuse_factor) - n_zeros / reuse_factor;
    static const bool store_weights_in_bram = false;
    typedef ends_accum_t accum_t;
    typedef ends_forward_recurrent_bias_t bias_t;
    typedef ends_forward_recurrent_weight_t weight_t;
    template<class data_T, class res_T, class CONFIG_T>
    using kernel = nnet::DenseLatency<data_T, res_T, CONFIG_T>;
    template<class x_T, class y_T>
    using product = nnet::product::mult<x_T, y_T>;
};

struct sigmoid_config3_f_recr : nnet::activ_config {
    static const unsigned n_in = 6;
    static const unsigned table_size = 1024;
    static const unsigned io_type = nnet::io_parallel;
    static const unsigned reuse_factor = 1;
    typedef ends_table_t table_t;
};

struct tanh_config3_f : nnet::activ_config {
    static const unsigned n_in = 2;
    static const unsigned table_size = 1024;
    static const unsigned io_type = nnet::io_parallel;
    static const unsigned reuse_factor = 1;
    typedef ends_table_t table_t;
};

struct config3_forward : nnet::single_layer_config {
    typedef ends_accum_t accum_t;
    typedef ends_forward_weight_t weight_t;  // Matrix
    typedef ends_forward_recurrent_weight_t recurrent_weight_t;  // Matrix
    typedef ends_forward_bias_t bias_t;  // Vector
    typedef ends_forward_recurrent_bias_t recurrent_bias_t;  // Vector
    typedef config3_1_f mult_config1;
    typedef config3_2_f mult_config2;
    typedef sigmoid_config3_f_recr ACT_CONFIG_LSTM;
    template<class x_T, class y_T, class config_T>
    using activation_recr = nnet::activation::sigmoid<x_T, y_T, config_T>;
    typedef tanh_config3_f ACT_CONFIG_T;
    template<class x_T, class y_T, class config_T>
    using activation = nnet::activation::tanh<x_T, y_T, config_T>;
    static const unsigned n_in  = 6;
    static const unsigned n_state = 2;
    static const unsigned n_mult = 4;
    static const bool pytorch_order = false;
};

struct config3_1_b : nnet::dense_config {
    static const unsigned n_in = 6;
    static const unsigned n_out = 8;
    static const unsigned strategy = nnet::latency;
    static const unsigned reuse_factor = 1;
    static const unsigned n_zeros = 0;
    static const unsigned n_nonzeros = 48;
    static const unsigned multiplier_limit = DIV_ROUNDUP(n_in * n_out, reuse_factor) - n_zeros / reuse_factor;
    static const bool store_weights_in_bram = false;
    typedef ends_accum_t accum_t;
    typedef ends_backward_bias_t bias_t;
    typedef ends_backward_weight_t weight_t;
    template<class data_T, class res_T, class CONFIG_T>
    using kernel = nnet::DenseLatency<data_T, res_T, CONFIG_T>;
    template<class x_T, class y_T>
    using product = nnet::product::mult<x_T, y_T>;
};

struct config3_2_b : nnet::dense_config {
    static const unsigned n_in = 2;
    static const unsigned n_out = 8;
    static const unsigned strategy = nnet::latency;
    static const unsigned reuse_factor = 1;
    static const unsigned n_zeros = 0;
    static const unsigned n_nonzeros = 16;
    static const unsigned multiplier_limit = DIV_ROUNDUP(n_in * n_out, reuse_factor) - n_zeros / reuse_factor;
    static const bool store_weights_in_bram = false;
    typedef ends_accum_t accum_t;
    typedef ends_backward_recurrent_bias_t bias_t;
    typedef ends_backward_recurrent_weight_t weight_t;
    template<class data_T, class res_T, class CONFIG_T>
    using kernel = nnet::DenseLatency<data_T, res_T, CONFIG_T>;
    template<class x_T, class y_T>
    using product = nnet::product::mult<x_T, y_T>;
};

struct sigmoid_config3_b_recr : nnet::activ_config {
    static const unsigned n_in = 6;
    static const unsigned table_size = 1024;
    static const unsigned io_type = nnet::io_parallel;
    static const unsigned reuse_factor = 1;
    typedef ends_table_t table_t;
};

struct tanh_config3_b : nnet::activ_config {
    static const unsigned n_in = 2;
    static const unsigned table_size = 1024;
    static const unsigned io_type = nnet::io_parallel;
    static const unsigned reuse_factor = 1;
    typedef ends_table_t table_t;
};

struct config3_backward : nnet::single_layer_config {
    typedef ends_accum_t accum_t;
    typedef ends_backward_weight_t weight_t;  // Matrix
    typedef ends_backward_recurrent_weight_t recurrent_weight_t;  // Matrix
    typedef ends_backward_bias_t bias_t;  // Vector
    typedef ends_backward_recurrent_bias_t recurrent_bias_t;  // Vector
    typedef config3_1_b mult_config1;
    typedef config3_2_b mult_config2;
    typedef sigmoid_config3_b_recr ACT_CONFIG_LSTM;
    template<class x_T, class y_T, class config_T>
    using activation_recr = nnet::activation::sigmoid<x_T, y_T, config_T>;
    typedef tanh_config3_b ACT_CONFIG_T;
    template<class x_T, class y_T, class config_T>
    using activation = nnet::activation::tanh<x_T, y_T, config_T>;
    static const unsigned n_in  = 6;
    static const unsigned n_state = 2;
    static const unsigned n_mult = 4;
    static const bool pytorch_order = false;
};

struct config3 : nnet::bidirectional_config {
    typedef config3_forward FORWARD_CONFIG;
    template<class x_T, class y_T, typename config_T, bool backward>
    using RNNfunc_forward = nnet::lstm_class_static<x_T, y_T, config_T, backward>;
    typedef config3_backward BACKWARD_CONFIG;
    template<class x_T, class y_T, typename config_T, bool backward>
    using RNNfunc_backward = nnet::lstm_class_static<x_T, y_T, config_T, backward>;
    static const unsigned n_in  = 6;
    static const unsigned n_out = 4;
    static const unsigned n_sequence = 4;
    static const unsigned n_sequence_out = 1;
    static const unsigned io_type = nnet::latency;
    static const unsigned reuse_factor = 1;
    static const bool store_weights_in_bram = false;
    static const bool use_static = true;
    static const bool pytorch_order = false;
};

// fc
struct config4 : nnet::dense_config {
    static const unsigned n_in = 4;
    static const unsigned n_out = 2;
    static const unsigned io_type = nnet::io_parallel;
    static const unsigned strategy = nnet::latency;
    static const unsigned reuse_factor = 1;
    static const unsigned n_zeros = 0;
    static const unsigned n_nonzeros = 8;
    static const unsigned multiplier_limit = DIV_ROUNDUP(n_in * n_out, reuse_factor) - n_zeros / reuse_factor;
    static const bool store_weights_in_bram = false;
    typedef fc_accum_t accum_t;
    typedef fc_bias_t bias_t;
    typedef fc_weight_t weight_t;
    typedef layer4_index index_t;
    template<class data_T, class res_T, class CONFIG_T>
    using kernel = nnet::DenseLatency<data_T, res_T, CONFIG_T>;
    template<class x_T, class y_T>
    using product = nnet::product::mult<x_T, y_T>;
};



#endif
