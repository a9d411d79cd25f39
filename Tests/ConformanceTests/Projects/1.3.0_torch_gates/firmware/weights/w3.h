//Numpy array shape [2, 4]
//Min -0.266327977180
//Max 0.390333890915
//Number of zeros 0

#ifndef W3_H_
#define W3_H_

#ifndef __SYNTHESIS__
fc_weight_t w3[8];
#else
fc_weight_t w3[8] = {-0.0457971692, 0.2809692025, 0.3855705261, -0.2663279772, -0.0354332924, -0.1611094475, 0.3903338909, -0.0090658069};

#endif

#endif
