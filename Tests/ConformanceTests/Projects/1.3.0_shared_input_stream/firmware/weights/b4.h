//Numpy array shape [3]
//Min -0.530039191246
//Max 0.360664933920
//Number of zeros 0

#ifndef B4_H_
#define B4_H_

#ifndef __SYNTHESIS__
point_bias_t b4[3];
#else
point_bias_t b4[3] = {0.3606649339, -0.5299521685, -0.5300391912};

#endif

#endif
