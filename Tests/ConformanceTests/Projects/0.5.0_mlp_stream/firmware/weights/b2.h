//Numpy array shape [8]
//Min -0.298697859049
//Max 0.485139936209
//Number of zeros 0

#ifndef B2_H_
#define B2_H_

#ifndef __SYNTHESIS__
fc1_bias_t b2[8];
#else
fc1_bias_t b2[8] = {-0.0441934429, -0.9654539824, -0.8573160172, 0.1145601422, 0.4385092854, -0.4535996318, 0.1396245807, 0.9435276389};
#endif

#endif
