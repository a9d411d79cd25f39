//Numpy array shape [12]
//Min 0.000000000000
//Max 0.000000000000
//Number of zeros 12

#ifndef BR4_H_
#define BR4_H_

#ifndef __SYNTHESIS__
last_recurrent_bias_t br4[12];
#else
last_recurrent_bias_t br4[12] = {0.0000000000, 0.0000000000, 0.0000000000, 0.0000000000, 0.0000000000, 0.0000000000, 0.0000000000, 0.0000000000, 0.0000000000, 0.0000000000, 0.0000000000, 0.0000000000};
#endif

#endif
