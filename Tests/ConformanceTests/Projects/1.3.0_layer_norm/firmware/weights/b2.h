//Numpy array shape [6]
//Min -0.370283246040
//Max 0.259736835957
//Number of zeros 0

#ifndef B2_H_
#define B2_H_

#ifndef __SYNTHESIS__
norm_bias_t b2[6];
#else
norm_bias_t b2[6] = {-0.3702832460, -0.2585049272, 0.2597368360, -0.0321995765, -0.0209928825, 0.0341656618};

#endif

#endif
