//Numpy array shape [6]
//Min -0.237317562103
//Max 0.500750660896
//Number of zeros 0

#ifndef B6_H_
#define B6_H_

#ifndef __SYNTHESIS__
fc_softsign_bias_t b6[6];
#else
fc_softsign_bias_t b6[6] = {-0.0698833764, -0.2373175621, 0.5007506609, 0.0902449265, 0.4091124237, -0.0171238519};

#endif

#endif
