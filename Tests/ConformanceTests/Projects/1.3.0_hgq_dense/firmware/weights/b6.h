//Numpy array shape [4]
//Min 0.000000000000
//Max 1.062500000000
//Number of zeros 1

#ifndef B6_H_
#define B6_H_

#ifndef __SYNTHESIS__
b_bias_t b6[4];
#else
b_bias_t b6[4] = {0.0000, 1.0625, 0.1250, 0.1250};

#endif

#endif
