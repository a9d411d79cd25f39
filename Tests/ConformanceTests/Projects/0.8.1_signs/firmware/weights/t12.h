//Numpy array shape [8]
//Min -0.600585937500
//Max 0.766601562500
//Number of zeros 0

#ifndef T12_H_
#define T12_H_

#ifndef __SYNTHESIS__
threshold12_t t12[8];
#else
threshold12_t t12[8] = {-0.1689453125, -0.3369140625, -0.2568359375, -0.0976562500, -0.6005859375, 0.7666015625, -0.0234375000, -0.3164062500};
#endif

#endif
