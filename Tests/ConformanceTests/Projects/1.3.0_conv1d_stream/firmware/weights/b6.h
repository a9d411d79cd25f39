//Numpy array shape [3]
//Min -0.238285705447
//Max 0.257953643799
//Number of zeros 0

#ifndef B6_H_
#define B6_H_

#ifndef __SYNTHESIS__
point_bias_t b6[3];
#else
point_bias_t b6[3] = {0.2579536438, -0.2382857054, -0.0096685281};

#endif

#endif
