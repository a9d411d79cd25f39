//Numpy array shape [8, 6]
//Min 0.000000000000
//Max 1.000000000000
//Number of zeros 31

#ifndef W6_H_
#define W6_H_

#ifndef __SYNTHESIS__
weight6_t w6[48];
#else
weight6_t w6[48] = {1, 1, 0, 0, 0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 1, 0, 1, 1, 0, 1, 0, 1, 0, 1, 0, 0, 1, 0, 0, 0, 1, 0, 1, 0, 0, 1};
#endif

#endif
