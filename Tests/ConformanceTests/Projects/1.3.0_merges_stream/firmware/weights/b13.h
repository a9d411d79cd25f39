//Numpy array shape [4]
//Min -0.047353953123
//Max 0.291458666325
//Number of zeros 0

#ifndef B13_H_
#define B13_H_

#ifndef __SYNTHESIS__
fc_bias_t b13[4];
#else
fc_bias_t b13[4] = {0.1651232094, 0.1442389339, 0.2914586663, -0.0473539531};

#endif

#endif
