//Numpy array shape [16]
//Min 0.000000000000
//Max 0.000000000000
//Number of zeros 16

#ifndef BR2_H_
#define BR2_H_

#ifndef __SYNTHESIS__
lstm_recurrent_bias_t br2[16];
#else
lstm_recurrent_bias_t br2[16] = {0.0000000, 0.0000000, 0.0000000, 0.0000000, 0.0000000, 0.0000000, 0.0000000, 0.0000000, 0.0000000, 0.0000000, 0.0000000, 0.0000000, 0.0000000, 0.0000000, 0.0000000, 0.0000000};

#endif

#endif
