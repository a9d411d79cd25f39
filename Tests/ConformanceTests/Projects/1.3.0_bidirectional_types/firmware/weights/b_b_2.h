//Numpy array shape [9]
//Min -0.489309430122
//Max 0.035931494087
//Number of zeros 0

#ifndef B_B_2_H_
#define B_B_2_H_

#ifndef __SYNTHESIS__
both_backward_bias_t b_b_2[9];
#else
both_backward_bias_t b_b_2[9] = {0.0223522689, -0.2602413595, -0.0796997771, -0.1779749990, -0.4893094301, -0.1867165565, -0.0618645623, 0.0359314941, -0.2070300579};

#endif

#endif
