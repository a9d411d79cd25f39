//Numpy array shape [6]
//Min -0.611671984196
//Max 0.464570045471
//Number of zeros 0

#ifndef B12_H_
#define B12_H_

#ifndef __SYNTHESIS__
fc_elu_layer_bias_t b12[6];
#else
fc_elu_layer_bias_t b12[6] = {-0.6116719842, 0.4645700455, 0.0528579578, 0.1094456017, 0.2698814273, -0.0957582220};

#endif

#endif
