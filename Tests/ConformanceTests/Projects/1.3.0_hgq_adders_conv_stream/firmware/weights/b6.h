//Numpy array shape [2]
//Min 0.000000000000
//Max 0.000000000000
//Number of zeros 2

#ifndef B6_H_
#define B6_H_

#ifndef __SYNTHESIS__
c2_bias_t b6[2];
#else
c2_bias_t b6[2] = {0, 0};

#endif

#endif
