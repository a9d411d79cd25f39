//Numpy array shape [4]
//Min -0.500000000000
//Max 0.625000000000
//Number of zeros 0

#ifndef B10_H_
#define B10_H_

#ifndef __SYNTHESIS__
bias10_t b10[4];
#else
bias10_t b10[4] = {0.625, 0.250, -0.500, 0.125};
#endif

#endif
