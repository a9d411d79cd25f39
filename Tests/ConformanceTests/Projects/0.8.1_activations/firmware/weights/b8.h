//Numpy array shape [6]
//Min -0.494898378849
//Max 0.501524090767
//Number of zeros 0

#ifndef B8_H_
#define B8_H_

#ifndef __SYNTHESIS__
fc_elu_bias_t b8[6];
#else
fc_elu_bias_t b8[6] = {0.2244632393, 0.4221822619, 0.1739591658, -0.2999745309, 0.5015240908, -0.4948983788};
#endif

#endif
