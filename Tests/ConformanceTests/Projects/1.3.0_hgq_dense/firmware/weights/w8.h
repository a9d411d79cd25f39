//Numpy array shape [4, 3]
//Min -1.000000000000
//Max 0.500000000000
//Number of zeros 4

#ifndef W8_H_
#define W8_H_

#ifndef __SYNTHESIS__
c_weight_t w8[12];
#else
c_weight_t w8[12] = {0.00000, 0.06250, -0.50000, -1.00000, -0.34375, 0.37500, 0.00000, 0.00000, 0.28125, 0.00000, -0.50000, 0.50000};

#endif

#endif
