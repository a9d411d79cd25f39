//Numpy array shape [8]
//Min -0.250000000000
//Max 0.625000000000
//Number of zeros 2

#ifndef B2_H_
#define B2_H_

#ifndef __SYNTHESIS__
bias2_t b2[8];
#else
bias2_t b2[8] = {0.000, 0.625, 0.375, 0.375, 0.000, 0.250, 0.250, -0.250};
#endif

#endif
