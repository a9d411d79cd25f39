//Numpy array shape [6]
//Min -0.484208524227
//Max 0.370753884315
//Number of zeros 0

#ifndef B3_H_
#define B3_H_

#ifndef __SYNTHESIS__
fa_bias_t b3[6];
#else
fa_bias_t b3[6] = {0.1040816233, -0.1296857893, -0.4559367001, -0.1169507429, -0.4842085242, 0.3707538843};

#endif

#endif
