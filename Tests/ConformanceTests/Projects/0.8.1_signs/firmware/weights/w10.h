//Numpy array shape [6, 4]
//Min -1.000000000000
//Max 1.000000000000
//Number of zeros 12

#ifndef W10_H_
#define W10_H_

#ifndef __SYNTHESIS__
weight10_t w10[24];
#else
weight10_t w10[24] = {0, -1, -1, 1, 0, -1, 0, 0, 0, 1, -1, 0, 0, 1, 0, 1, -1, 0, 1, 0, -1, 0, 0, -1};
#endif

#endif
