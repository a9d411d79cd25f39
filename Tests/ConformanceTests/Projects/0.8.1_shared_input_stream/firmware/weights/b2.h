//Numpy array shape [3]
//Min -0.647926270962
//Max 0.183646857738
//Number of zeros 0

#ifndef B2_H_
#define B2_H_

#ifndef __SYNTHESIS__
conv_bias_t b2[3];
#else
conv_bias_t b2[3] = {-0.6479262710, 0.1836468577, -0.3657005727};
#endif

#endif
