//Numpy array shape [6]
//Min -0.341515719891
//Max 0.354508757591
//Number of zeros 0

#ifndef B4_H_
#define B4_H_

#ifndef __SYNTHESIS__
fc_softplus_bias_t b4[6];
#else
fc_softplus_bias_t b4[6] = {0.3415684700, -0.3415157199, 0.2063757628, -0.0283160880, 0.3545087576, -0.0132010523};

#endif

#endif
