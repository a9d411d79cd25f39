//Numpy array shape [5]
//Min -0.254466682673
//Max 0.370123267174
//Number of zeros 0

#ifndef B12_H_
#define B12_H_

#ifndef __SYNTHESIS__
fc4_bias_t b12[5];
#else
fc4_bias_t b12[5] = {-0.2544666827, 0.3701232672, -0.0145478118, 0.0781693310, 0.0310545433};
#endif

#endif
