//Numpy array shape [6]
//Min -0.550803720951
//Max 0.759898960590
//Number of zeros 0

#ifndef B2_H_
#define B2_H_

#ifndef __SYNTHESIS__
fc_hard_sigmoid_bias_t b2[6];
#else
fc_hard_sigmoid_bias_t b2[6] = {-0.2667891979, 0.1339966357, 0.7598989606, -0.5508037210, 0.0100605022, -0.0731862038};

#endif

#endif
