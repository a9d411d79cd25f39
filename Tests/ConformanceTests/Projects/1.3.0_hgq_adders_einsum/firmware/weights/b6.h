//Numpy array shape [3, 2]
//Min 0.000000000000
//Max 0.000000000000
//Number of zeros 6

#ifndef B6_H_
#define B6_H_

#ifndef __SYNTHESIS__
fc2_bias_t b6[6];
#else
fc2_bias_t b6[6] = {0, 0, 0, 0, 0, 0};

#endif

#endif
