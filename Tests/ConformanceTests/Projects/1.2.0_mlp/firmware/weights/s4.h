//Numpy array shape [8]
//Min 0.591656565666
//Max 1.828153610229
//Number of zeros 0

#ifndef S4_H_
#define S4_H_

#ifndef __SYNTHESIS__
bn_scale_t s4[8];
#else
bn_scale_t s4[8] = {0.9199942946, 1.0630899668, 1.8281536102, 1.2494623661, 0.5916565657, 1.0525747538, 0.7958914638, 1.0673427582};

#endif

#endif
