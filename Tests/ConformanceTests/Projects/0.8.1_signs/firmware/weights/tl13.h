//Numpy array shape [6]
//Min -0.819335937500
//Max 0.270507812500
//Number of zeros 0

#ifndef TL13_H_
#define TL13_H_

#ifndef __SYNTHESIS__
threshold_lo_13_t tl13[6];
#else
threshold_lo_13_t tl13[6] = {-0.4863281250, 0.2705078125, -0.2958984375, -0.4863281250, -0.8193359375, -0.7587890625};
#endif

#endif
