//Numpy array shape [2]
//Min -0.033263821155
//Max 0.820099294186
//Number of zeros 0

#ifndef B4_H_
#define B4_H_

#ifndef __SYNTHESIS__
fc_bias_t b4[2];
#else
fc_bias_t b4[2] = {0.8200992942, -0.0332638212};

#endif

#endif
