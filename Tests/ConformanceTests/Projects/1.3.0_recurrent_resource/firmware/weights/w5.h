//Numpy array shape [3, 2]
//Min -0.768140256405
//Max 0.768450260162
//Number of zeros 0

#ifndef W5_H_
#define W5_H_

#ifndef __SYNTHESIS__
fc_weight_t w5[6];
#else
fc_weight_t w5[6] = {-0.1662263, 0.7684503, 0.0567545, -0.4823269, -0.7681403, 0.3729705};

#endif

#endif
