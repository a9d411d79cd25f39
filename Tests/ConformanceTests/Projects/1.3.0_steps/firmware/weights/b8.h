//Numpy array shape [3]
//Min -0.165909394622
//Max 0.180283024907
//Number of zeros 0

#ifndef B8_H_
#define B8_H_

#ifndef __SYNTHESIS__
model_default_t b8[3];
#else
model_default_t b8[3] = {-0.1659093946, 0.1802830249, 0.1070379987};

#endif

#endif
