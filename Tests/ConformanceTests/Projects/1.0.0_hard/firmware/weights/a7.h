//Numpy array shape [6]
//Min -0.041971206665
//Max 0.040558192879
//Number of zeros 0

#ifndef A7_H_
#define A7_H_

#ifndef __SYNTHESIS__
prelu_param_t a7[6];
#else
prelu_param_t a7[6] = {, , , , , };

#endif

#endif
