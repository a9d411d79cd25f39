//Numpy array shape [1, 1, 2, 3]
//Min -1.031952023506
//Max 0.641172885895
//Number of zeros 0

#ifndef W4_H_
#define W4_H_

#ifndef __SYNTHESIS__
point_weight_t w4[6];
#else
point_weight_t w4[6] = {-1.0319520235, 0.0369679928, 0.6411728859, 0.4507966042, 0.2868499756, -0.8109415174};

#endif

#endif
