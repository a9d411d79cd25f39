//Numpy array shape [6]
//Min -0.594888269901
//Max 0.111448779702
//Number of zeros 0

#ifndef B6_H_
#define B6_H_

#ifndef __SYNTHESIS__
model_default_t b6[6];
#else
model_default_t b6[6] = {0.0294098239, -0.1396736354, -0.0122050392, 0.1114487797, -0.0733803809, -0.5948882699};

#endif

#endif
