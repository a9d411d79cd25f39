//Numpy array shape [6]
//Min -0.225292176008
//Max 0.504726469517
//Number of zeros 0

#ifndef B9_H_
#define B9_H_

#ifndef __SYNTHESIS__
fc3_bias_t b9[6];
#else
fc3_bias_t b9[6] = {-0.2252921760, 0.0688154697, 0.5047264695, 0.2467386574, 0.0180270094, 0.1201102585};
#endif

#endif
