//Numpy array shape [2]
//Min -0.153158023953
//Max 0.108220115304
//Number of zeros 0

#ifndef B3_H_
#define B3_H_

#ifndef __SYNTHESIS__
conv_bias_t b3[2];
#else
conv_bias_t b3[2] = {-0.1531580240, 0.1082201153};

#endif

#endif
