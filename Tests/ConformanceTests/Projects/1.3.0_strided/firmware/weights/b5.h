//Numpy array shape [2]
//Min -0.357654869556
//Max -0.237674921751
//Number of zeros 0

#ifndef B5_H_
#define B5_H_

#ifndef __SYNTHESIS__
point_bias_t b5[2];
#else
point_bias_t b5[2] = {-0.3576548696, -0.2376749218};

#endif

#endif
