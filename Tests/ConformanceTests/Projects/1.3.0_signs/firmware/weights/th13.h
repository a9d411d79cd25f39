//Numpy array shape [6]
//Min -0.163085937500
//Max 1.321289062500
//Number of zeros 0

#ifndef TH13_H_
#define TH13_H_

#ifndef __SYNTHESIS__
threshold_hi_13_t th13[6];
#else
threshold_hi_13_t th13[6] = {1.3212890625, 1.0351562500, 0.2187500000, 0.8623046875, -0.1630859375, -0.1552734375};

#endif

#endif
