//Numpy array shape [2]
//Min -0.105126731098
//Max 0.226616397500
//Number of zeros 0

#ifndef B9_H_
#define B9_H_

#ifndef __SYNTHESIS__
fc_bias_t b9[2];
#else
fc_bias_t b9[2] = {0.2266163975, -0.1051267311};
#endif

#endif
