//Numpy array shape [8]
//Min -0.312500000000
//Max 0.312500000000
//Number of zeros 0

#ifndef B2_H_
#define B2_H_

#ifndef __SYNTHESIS__
bias2_t b2[8];
#else
bias2_t b2[8] = {-0.3125, 0.1250, -0.1875, -0.1875, 0.3125, -0.3125, 0.3125, 0.1875};

#endif

#endif
