//Numpy array shape [6]
//Min -0.214611724019
//Max 0.657705605030
//Number of zeros 0

#ifndef B9_H_
#define B9_H_

#ifndef __SYNTHESIS__
fc3_bias_t b9[6];
#else
fc3_bias_t b9[6] = {0.1848617047, -0.2146117240, -0.0421498306, -0.0438997634, 0.2119035125, 0.6577056050};
#endif

#endif
