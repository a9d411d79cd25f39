//Numpy array shape [3]
//Min -0.229975521564
//Max -0.063985593617
//Number of zeros 0

#ifndef B4_H_
#define B4_H_

#ifndef __SYNTHESIS__
fc_bias_t b4[3];
#else
fc_bias_t b4[3] = {-0.0639855936, -0.1778298169, -0.2299755216};

#endif

#endif
