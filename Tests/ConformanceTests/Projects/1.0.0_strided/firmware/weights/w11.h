//Numpy array shape [1, 1, 3, 2]
//Min -0.378652870655
//Max 1.006607532501
//Number of zeros 0

#ifndef W11_H_
#define W11_H_

#ifndef __SYNTHESIS__
point_weight_t w11[6];
#else
point_weight_t w11[6] = {0.1695040464, 1.0066075325, -0.3786528707, 0.9457142353, 0.6897430420, 0.7939419746};

#endif

#endif
