//Numpy array shape [12]
//Min -0.502685248852
//Max 0.585142254829
//Number of zeros 0

#ifndef B4_H_
#define B4_H_

#ifndef __SYNTHESIS__
last_bias_t b4[12];
#else
last_bias_t b4[12] = {0.1111588, -0.4164218, 0.2154905, 0.1425809, 0.0336770, 0.5851423, 0.0204685, 0.0588851, -0.0392542, -0.5026852, 0.4576340, -0.3969555};

#endif

#endif
