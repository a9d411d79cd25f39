//Numpy array shape [3, 2]
//Min -0.768140256405
//Max 0.768450260162
//Number of zeros 0

#ifndef W5_H_
#define W5_H_

#ifndef __SYNTHESIS__
fc_weight_t w5[6];
#else
fc_weight_t w5[6] = {-0.1662263274, -0.4823268652, 0.7684502602, -0.7681402564, 0.0567544699, 0.3729704618};
#endif

#endif
