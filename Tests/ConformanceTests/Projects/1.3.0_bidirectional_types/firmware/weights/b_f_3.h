//Numpy array shape [8]
//Min -0.495032757521
//Max 0.276578933001
//Number of zeros 0

#ifndef B_F_3_H_
#define B_F_3_H_

#ifndef __SYNTHESIS__
ends_forward_bias_t b_f_3[8];
#else
ends_forward_bias_t b_f_3[8] = {0.2765789330, -0.0025528034, -0.4950327575, -0.0195505843, -0.0947431847, -0.0752476752, -0.1929647326, -0.1165633202};

#endif

#endif
