//Numpy array shape [9]
//Min -0.223893940449
//Max 0.750693798065
//Number of zeros 0

#ifndef B_F_2_H_
#define B_F_2_H_

#ifndef __SYNTHESIS__
both_forward_bias_t b_f_2[9];
#else
both_forward_bias_t b_f_2[9] = {-0.1523198783, -0.1612638384, 0.0496497005, 0.0716817304, -0.0092550758, -0.2238939404, 0.0789193064, 0.7506937981, 0.3471834362};

#endif

#endif
