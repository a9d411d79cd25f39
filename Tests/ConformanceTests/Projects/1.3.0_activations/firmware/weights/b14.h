//Numpy array shape [6]
//Min -0.577459454536
//Max 0.399065434933
//Number of zeros 0

#ifndef B14_H_
#define B14_H_

#ifndef __SYNTHESIS__
fc_thresholded_bias_t b14[6];
#else
fc_thresholded_bias_t b14[6] = {0.3990654349, -0.1314889789, -0.0646992028, -0.2468318641, 0.0022820649, -0.5774594545};

#endif

#endif
