//Numpy array shape [3, 4]
//Min 0.000000000000
//Max 0.000000000000
//Number of zeros 12

#ifndef B5_H_
#define B5_H_

#ifndef __SYNTHESIS__
third_bias_t b5[12];
#else
third_bias_t b5[12] = {0.0000000000, 0.0000000000, 0.0000000000, 0.0000000000, 0.0000000000, 0.0000000000, 0.0000000000, 0.0000000000, 0.0000000000, 0.0000000000, 0.0000000000, 0.0000000000};

#endif

#endif
