//Numpy array shape [3]
//Min -0.139673635364
//Max 0.029409823939
//Number of zeros 0

#ifndef B7_H_
#define B7_H_

#ifndef __SYNTHESIS__
model_default_t b7[3];
#else
model_default_t b7[3] = {0.0294098239, -0.1396736354, -0.0122050392};

#endif

#endif
