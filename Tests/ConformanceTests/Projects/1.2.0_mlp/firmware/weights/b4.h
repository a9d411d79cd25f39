//Numpy array shape [8]
//Min -0.725693523884
//Max 0.397471845150
//Number of zeros 0

#ifndef B4_H_
#define B4_H_

#ifndef __SYNTHESIS__
bn_bias_t b4[8];
#else
bn_bias_t b4[8] = {-0.3552745283, -0.1858740151, 0.1748526394, 0.3974718451, 0.0582573563, -0.7256935239, 0.1903731376, -0.3640567958};

#endif

#endif
