//Numpy array shape [6]
//Min 0.507579982281
//Max 1.424718856812
//Number of zeros 0

#ifndef S2_H_
#define S2_H_

#ifndef __SYNTHESIS__
norm_scale_t s2[6];
#else
norm_scale_t s2[6] = {0.5075799823, 0.7154025435, 1.1482802629, 1.0852338076, 1.1427304745, 1.4247188568};

#endif

#endif
