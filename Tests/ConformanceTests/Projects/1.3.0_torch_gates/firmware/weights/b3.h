//Numpy array shape [2]
//Min -0.429823517799
//Max 0.242183744907
//Number of zeros 0

#ifndef B3_H_
#define B3_H_

#ifndef __SYNTHESIS__
fc_bias_t b3[2];
#else
fc_bias_t b3[2] = {-0.4298235178, 0.2421837449};

#endif

#endif
