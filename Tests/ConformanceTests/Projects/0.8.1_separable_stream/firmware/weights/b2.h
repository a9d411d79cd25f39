//Numpy array shape [4]
//Min -0.479941666126
//Max 0.396526366472
//Number of zeros 0

#ifndef B2_H_
#define B2_H_

#ifndef __SYNTHESIS__
sep_bias_t b2[4];
#else
sep_bias_t b2[4] = {0.3965263665, -0.0937809274, -0.4799416661, -0.1710543334};
#endif

#endif
