//Numpy array shape [3]
//Min -0.401910960674
//Max 0.226616397500
//Number of zeros 0

#ifndef B10_H_
#define B10_H_

#ifndef __SYNTHESIS__
fc_bias_t b10[3];
#else
fc_bias_t b10[3] = {0.2266164, -0.1051267, -0.4019110};
#endif

#endif
