//Numpy array shape [4]
//Min -0.663206994534
//Max 0.257953643799
//Number of zeros 0

#ifndef B6_H_
#define B6_H_

#ifndef __SYNTHESIS__
conv2_bias_t b6[4];
#else
conv2_bias_t b6[4] = {-0.6632069945, 0.2579536438, -0.2382857054, -0.0096685281};
#endif

#endif
