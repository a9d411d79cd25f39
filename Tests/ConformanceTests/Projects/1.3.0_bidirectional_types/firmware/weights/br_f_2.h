//Numpy array shape [9]
//Min -0.509290993214
//Max 0.679537713528
//Number of zeros 0

#ifndef BR_F_2_H_
#define BR_F_2_H_

#ifndef __SYNTHESIS__
both_forward_recurrent_bias_t br_f_2[9];
#else
both_forward_recurrent_bias_t br_f_2[9] = {-0.1544591486, 0.0815226808, 0.0420371778, -0.5092909932, 0.6795377135, 0.4833788574, -0.2183015198, 0.0685777441, -0.1930288225};

#endif

#endif
