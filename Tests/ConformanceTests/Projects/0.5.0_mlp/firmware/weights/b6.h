//Numpy array shape [6]
//Min 0.000000000000
//Max 0.000000000000
//Number of zeros 6

#ifndef B6_H_
#define B6_H_

#ifndef __SYNTHESIS__
bias6_t b6[6];
#else
bias6_t b6[6] = {0, 0, 0, 0, 0, 0};
#endif

#endif
