//Numpy array shape [6]
//Min -0.041971206665
//Max 0.040558192879
//Number of zeros 0

#ifndef A7_H_
#define A7_H_

#ifndef __SYNTHESIS__
model_default_t a7[6];
#else
model_default_t a7[6] = {0.0405581929, -0.0197916031, -0.0284368638, -0.0389866456, -0.0419712067, 0.0176745318};
#endif

#endif
