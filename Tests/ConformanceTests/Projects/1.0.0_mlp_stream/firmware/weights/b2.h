//Numpy array shape [8]
//Min -0.298697859049
//Max 0.485139936209
//Number of zeros 0

#ifndef B2_H_
#define B2_H_

#ifndef __SYNTHESIS__
fc1_bias_t b2[8];
#else
fc1_bias_t b2[8] = {-0.0856857374, -0.2986978590, -0.2898153663, -0.0022781098, 0.3274369240, 0.0367007926, -0.0947400928, 0.4851399362};

#endif

#endif
