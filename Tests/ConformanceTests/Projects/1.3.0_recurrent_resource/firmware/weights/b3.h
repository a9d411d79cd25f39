//Numpy array shape [9]
//Min -0.268795520067
//Max 0.198247984052
//Number of zeros 0

#ifndef B3_H_
#define B3_H_

#ifndef __SYNTHESIS__
gru_bias_t b3[9];
#else
gru_bias_t b3[9] = {-0.1218389, -0.1915029, -0.0955625, 0.1982480, -0.2687955, -0.1694920, -0.0800397, -0.0938107, -0.1904319};

#endif

#endif
