//Numpy array shape [8]
//Min -0.511942446232
//Max 0.802333295345
//Number of zeros 0

#ifndef B2_H_
#define B2_H_

#ifndef __SYNTHESIS__
fc1_bias_t b2[8];
#else
fc1_bias_t b2[8] = {0.1702254862, 0.2201716006, 0.2801846862, 0.5310922861, 0.2298441529, -0.5119424462, 0.2592146099, 0.8023332953};

#endif

#endif
