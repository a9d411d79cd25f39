//Numpy array shape [9]
//Min -0.616545259953
//Max 0.350799828768
//Number of zeros 0

#ifndef BR_B_2_H_
#define BR_B_2_H_

#ifndef __SYNTHESIS__
both_backward_recurrent_bias_t br_b_2[9];
#else
both_backward_recurrent_bias_t br_b_2[9] = {-0.1310880333, -0.4663944840, -0.2647709846, 0.3507998288, 0.0488671698, -0.3786452711, -0.4648229778, -0.6165452600, -0.0576255471};

#endif

#endif
