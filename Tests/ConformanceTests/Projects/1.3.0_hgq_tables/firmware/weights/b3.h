//Numpy array shape [6]
//Min 0.000000000000
//Max 0.000000000000
//Number of zeros 6

#ifndef B3_H_
#define B3_H_

#ifndef __SYNTHESIS__
fc1_bias_t b3[6];
#else
fc1_bias_t b3[6] = {0, 0, 0, 0, 0, 0};

#endif

#endif
