//Numpy array shape [5]
//Min -0.251266628504
//Max 0.402014851570
//Number of zeros 0

#ifndef B4_H_
#define B4_H_

#ifndef __SYNTHESIS__
fc2_bias_t b4[5];
#else
fc2_bias_t b4[5] = {0.402015, 0.135946, 0.236797, 0.242166, -0.251267};
#endif

#endif
