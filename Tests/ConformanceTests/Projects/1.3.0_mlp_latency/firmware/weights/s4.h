//Numpy array shape [8]
//Min 0.476515382528
//Max 1.580521464348
//Number of zeros 0

#ifndef S4_H_
#define S4_H_

#ifndef __SYNTHESIS__
bn_scale_t s4[8];
#else
bn_scale_t s4[8] = {0.6641389132, 1.3163253069, 1.1391977072, 0.9203622937, 1.5805214643, 0.7509326935, 0.4765153825, 0.4892740548};

#endif

#endif
