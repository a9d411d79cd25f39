//Numpy array shape [4]
//Min -0.187500000000
//Max 0.187500000000
//Number of zeros 1

#ifndef B5_H_
#define B5_H_

#ifndef __SYNTHESIS__
bias5_t b5[4];
#else
bias5_t b5[4] = {-0.0625, 0.0000, 0.1875, -0.1875};

#endif

#endif
