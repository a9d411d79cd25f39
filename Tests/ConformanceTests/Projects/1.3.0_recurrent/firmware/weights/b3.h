//Numpy array shape [9]
//Min -0.268795520067
//Max 0.198247984052
//Number of zeros 0

#ifndef B3_H_
#define B3_H_

#ifndef __SYNTHESIS__
gru_bias_t b3[9];
#else
gru_bias_t b3[9] = {-0.1218388602, -0.1915028989, -0.0955625102, 0.1982479841, -0.2687955201, -0.1694919765, -0.0800396949, -0.0938106850, -0.1904319376};

#endif

#endif
