//Numpy array shape [9]
//Min -0.392501860857
//Max 0.258056133986
//Number of zeros 0

#ifndef B5_H_
#define B5_H_

#ifndef __SYNTHESIS__
gru_bias_t b5[9];
#else
gru_bias_t b5[9] = {-0.1215901822, -0.1396733075, -0.3925018609, 0.2580561340, -0.2073466033, 0.0860964581, 0.0341446102, -0.2574845552, 0.0590333752};

#endif

#endif
