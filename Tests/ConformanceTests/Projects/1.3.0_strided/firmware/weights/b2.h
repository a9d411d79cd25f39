//Numpy array shape [3]
//Min -0.148927494884
//Max 0.671862781048
//Number of zeros 0

#ifndef B2_H_
#define B2_H_

#ifndef __SYNTHESIS__
conv1_bias_t b2[3];
#else
conv1_bias_t b2[3] = {-0.1489274949, 0.6718627810, 0.4198275208};

#endif

#endif
