//Numpy array shape [6]
//Min -0.109484955668
//Max 0.181633234024
//Number of zeros 0

#ifndef B5_H_
#define B5_H_

#ifndef __SYNTHESIS__
fb_bias_t b5[6];
#else
fb_bias_t b5[6] = {-0.0404720642, 0.1816332340, 0.1730919182, -0.0005333109, -0.1094849557, 0.0308078565};
#endif

#endif
