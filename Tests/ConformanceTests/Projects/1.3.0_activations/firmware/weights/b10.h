//Numpy array shape [6]
//Min 0.054282784462
//Max 0.759868979454
//Number of zeros 0

#ifndef B10_H_
#define B10_H_

#ifndef __SYNTHESIS__
fc_leaky_bias_t b10[6];
#else
fc_leaky_bias_t b10[6] = {0.0542827845, 0.7598689795, 0.2255662978, 0.1859540492, 0.2063059062, 0.4047636688};

#endif

#endif
