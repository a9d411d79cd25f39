//Numpy array shape [2]
//Min -0.441708326340
//Max 0.435452967882
//Number of zeros 0

#ifndef B5_H_
#define B5_H_

#ifndef __SYNTHESIS__
fc_bias_t b5[2];
#else
fc_bias_t b5[2] = {-0.4417083263, 0.4354529679};

#endif

#endif
