//Numpy array shape [3]
//Min -0.594888269901
//Max 0.111448779702
//Number of zeros 0

#ifndef B5_H_
#define B5_H_

#ifndef __SYNTHESIS__
fc_bias_t b5[3];
#else
fc_bias_t b5[3] = {0.1114487797, -0.0733803809, -0.5948882699};

#endif

#endif
