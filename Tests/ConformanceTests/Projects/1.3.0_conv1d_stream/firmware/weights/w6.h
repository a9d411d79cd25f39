//Numpy array shape [1, 4, 3]
//Min -0.790627300739
//Max 0.773119211197
//Number of zeros 0

#ifndef W6_H_
#define W6_H_

#ifndef __SYNTHESIS__
point_weight_t w6[12];
#else
point_weight_t w6[12] = {-0.6897243857, -0.1320582032, -0.3161408901, 0.7731192112, 0.6127160788, -0.1104941368, 0.3990252018, -0.0188163519, -0.2781843543, -0.1351559758, -0.7906273007, 0.7647954226};

#endif

#endif
