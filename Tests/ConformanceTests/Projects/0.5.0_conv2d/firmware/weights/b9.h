//Numpy array shape [3]
//Min -0.401910960674
//Max 0.226616397500
//Number of zeros 0

#ifndef B9_H_
#define B9_H_

#ifndef __SYNTHESIS__
fc_bias_t b9[3];
#else
fc_bias_t b9[3] = {0.2266163975, -0.1051267311, -0.4019109607};
#endif

#endif
