//Numpy array shape [5, 4]
//Min -1.500000000000
//Max 1.250000000000
//Number of zeros 9

#ifndef W6_H_
#define W6_H_

namespace trigger {

#ifndef __SYNTHESIS__
b_weight_t w6[20];
#else
b_weight_t w6[20] = {0.34375, -0.50000, -1.50000, 0.03125, 0.00000, 0.00000, 0.00000, 0.00000, 0.00000, 0.28125, 0.00000, 1.25000, -1.12500, -0.84375, -0.25000, 0.50000, -0.09375, 0.00000, 0.00000, 0.00000};

#endif
}


#endif
