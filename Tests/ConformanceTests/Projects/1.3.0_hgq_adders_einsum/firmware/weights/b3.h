//Numpy array shape [3, 5]
//Min -0.093750000000
//Max 0.125000000000
//Number of zeros 3

#ifndef B3_H_
#define B3_H_

#ifndef __SYNTHESIS__
fc1_bias_t b3[15];
#else
fc1_bias_t b3[15] = {-0.093750, 0.062500, -0.062500, 0.078125, -0.031250, -0.015625, 0.046875, 0.046875, -0.046875, 0.000000, 0.000000, -0.015625, 0.000000, 0.125000, 0.046875};

#endif

#endif
