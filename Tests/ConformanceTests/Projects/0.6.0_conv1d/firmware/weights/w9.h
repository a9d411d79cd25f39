//Numpy array shape [3, 2]
//Min -0.806074023247
//Max 0.770020246506
//Number of zeros 0

#ifndef W9_H_
#define W9_H_

#ifndef __SYNTHESIS__
fc_weight_t w9[6];
#else
fc_weight_t w9[6] = {0.6606810093, 0.3248827457, -0.0917328596, -0.1834990978, 0.7700202465, -0.8060740232};
#endif

#endif
