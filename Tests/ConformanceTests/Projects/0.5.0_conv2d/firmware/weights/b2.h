//Numpy array shape [3]
//Min -0.393653184175
//Max 0.436725229025
//Number of zeros 0

#ifndef B2_H_
#define B2_H_

#ifndef __SYNTHESIS__
conv1_bias_t b2[3];
#else
conv1_bias_t b2[3] = {-0.3936531842, 0.4367252290, 0.1553148031};
#endif

#endif
