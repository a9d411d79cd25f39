//Numpy array shape [8]
//Min -0.426585316658
//Max 0.360352724791
//Number of zeros 0

#ifndef B_B_3_H_
#define B_B_3_H_

#ifndef __SYNTHESIS__
ends_backward_bias_t b_b_3[8];
#else
ends_backward_bias_t b_b_3[8] = {-0.4265853167, -0.1947752088, 0.2094225138, 0.2073661536, -0.2505172789, 0.3603527248, -0.2729167938, -0.0393967815};

#endif

#endif
