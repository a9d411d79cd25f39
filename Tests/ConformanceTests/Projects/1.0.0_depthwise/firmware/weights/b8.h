//Numpy array shape [4]
//Min 0.062141966075
//Max 0.690976798534
//Number of zeros 0

#ifndef B8_H_
#define B8_H_

#ifndef __SYNTHESIS__
sep_pointwise_bias_t b8[4];
#else
sep_pointwise_bias_t b8[4] = {0.0621419661, 0.2880311906, 0.3860394359, 0.6909767985};

#endif

#endif
