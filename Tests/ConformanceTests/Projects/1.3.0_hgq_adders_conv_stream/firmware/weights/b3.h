//Numpy array shape [4]
//Min 0.000000000000
//Max 0.000000000000
//Number of zeros 4

#ifndef B3_H_
#define B3_H_

#ifndef __SYNTHESIS__
c1_bias_t b3[4];
#else
c1_bias_t b3[4] = {0, 0, 0, 0};

#endif

#endif
