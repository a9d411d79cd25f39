//Numpy array shape [8]
//Min -0.511942446232
//Max 0.802333295345
//Number of zeros 0

#ifndef B2_H_
#define B2_H_

#ifndef __SYNTHESIS__
fc1_bias_t b2[8];
#else
fc1_bias_t b2[8] = {-0.1986680478, 0.0481882095, 0.6870733500, 1.0610516071, 0.1942461729, -1.2645511627, 0.3966798186, 0.4923078120};
#endif

#endif
