//Numpy array shape [4]
//Min -0.663206994534
//Max 0.436725229025
//Number of zeros 0

#ifndef B2_H_
#define B2_H_

#ifndef __SYNTHESIS__
conv1_bias_t b2[4];
#else
conv1_bias_t b2[4] = {-0.3936531842, 0.4367252290, 0.1553148031, -0.6632069945};
#endif

#endif
