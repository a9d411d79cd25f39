//Numpy array shape [6]
//Min -0.546044290066
//Max 0.273412197828
//Number of zeros 0

#ifndef B2_H_
#define B2_H_

#ifndef __SYNTHESIS__
fc_selu_bias_t b2[6];
#else
fc_selu_bias_t b2[6] = {-0.4986712039, 0.2734121978, 0.0073579596, -0.0276028290, -0.5460442901, 0.0604737140};
#endif

#endif
