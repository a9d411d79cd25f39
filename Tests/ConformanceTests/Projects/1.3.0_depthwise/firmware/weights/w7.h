//Numpy array shape [1, 1, 2, 4]
//Min -0.864756584167
//Max 0.991681814194
//Number of zeros 0

#ifndef W7_H_
#define W7_H_

#ifndef __SYNTHESIS__
sep_pointwise_weight_t w7[8];
#else
sep_pointwise_weight_t w7[8] = {-0.8214528561, -0.0183796883, -0.4284312725, -0.7423613071, 0.2254934311, -0.8647565842, -0.0749003887, 0.9916818142};

#endif

#endif
