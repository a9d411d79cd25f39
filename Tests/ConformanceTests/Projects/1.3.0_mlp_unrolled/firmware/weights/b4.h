//Numpy array shape [5]
//Min -0.391503781080
//Max 0.090351790190
//Number of zeros 0

#ifndef B4_H_
#define B4_H_

#ifndef __SYNTHESIS__
fc2_bias_t b4[5];
#else
fc2_bias_t b4[5] = {-0.1156833842, 0.0903517902, -0.3726622164, -0.0659152195, -0.3915037811};

#endif

#endif
