//Numpy array shape [2]
//Min -0.357654869556
//Max -0.237674921751
//Number of zeros 0

#ifndef B11_H_
#define B11_H_

#ifndef __SYNTHESIS__
point_bias_t b11[2];
#else
point_bias_t b11[2] = {-0.3576548696, -0.2376749218};
#endif

#endif
