//Numpy array shape [6]
//Min -0.319821536541
//Max 0.653433620930
//Number of zeros 0

#ifndef B4_H_
#define B4_H_

#ifndef __SYNTHESIS__
fc_prelu_bias_t b4[6];
#else
fc_prelu_bias_t b4[6] = {-0.0519985668, 0.0467632562, -0.1513288170, -0.3198215365, 0.6534336209, 0.0392112955};

#endif

#endif
