//Numpy array shape [8]
//Min -0.289274156094
//Max 0.384410172701
//Number of zeros 0

#ifndef B2_H_
#define B2_H_

#ifndef __SYNTHESIS__
fc1_bias_t b2[8];
#else
fc1_bias_t b2[8] = {-0.242956, -0.096788, -0.170115, 0.384410, 0.125001, 0.141924, -0.289274, -0.092523};
#endif

#endif
