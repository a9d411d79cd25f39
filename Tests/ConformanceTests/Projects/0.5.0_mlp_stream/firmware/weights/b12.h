//Numpy array shape [5]
//Min -0.324664503336
//Max 0.135779693723
//Number of zeros 0

#ifndef B12_H_
#define B12_H_

#ifndef __SYNTHESIS__
fc4_bias_t b12[5];
#else
fc4_bias_t b12[5] = {0.1357796937, -0.2445008159, -0.2841640711, -0.3246645033, -0.1362351626};
#endif

#endif
