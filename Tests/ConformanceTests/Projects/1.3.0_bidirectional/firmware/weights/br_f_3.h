//Numpy array shape [8]
//Min 0.000000000000
//Max 0.000000000000
//Number of zeros 8

#ifndef BR_F_3_H_
#define BR_F_3_H_

#ifndef __SYNTHESIS__
ends_forward_recurrent_bias_t br_f_3[8];
#else
ends_forward_recurrent_bias_t br_f_3[8] = {0.0000000000, 0.0000000000, 0.0000000000, 0.0000000000, 0.0000000000, 0.0000000000, 0.0000000000, 0.0000000000};

#endif

#endif
