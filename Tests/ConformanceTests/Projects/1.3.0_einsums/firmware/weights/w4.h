//Numpy array shape [1, 4, 3]
//Min -1.414081096649
//Max 0.702799081802
//Number of zeros 0

#ifndef W4_H_
#define W4_H_

#ifndef __SYNTHESIS__
second_weight_t w4[12];
#else
second_weight_t w4[12] = {0.3350521922, -1.4140810966, 0.5106534362, -0.4798223674, -0.8343099356, 0.1382228732, 0.3502724469, -0.2223837227, -0.5382029414, 0.0130624166, -0.0263736546, 0.7027990818};

#endif

#endif
