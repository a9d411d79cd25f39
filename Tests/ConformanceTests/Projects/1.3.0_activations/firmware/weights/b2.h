//Numpy array shape [6]
//Min -0.321798086166
//Max 0.446818202734
//Number of zeros 0

#ifndef B2_H_
#define B2_H_

#ifndef __SYNTHESIS__
fc_relu_bias_t b2[6];
#else
fc_relu_bias_t b2[6] = {0.1026523188, 0.4468182027, 0.0166949853, -0.3217980862, -0.3026930392, -0.1174473539};

#endif

#endif
