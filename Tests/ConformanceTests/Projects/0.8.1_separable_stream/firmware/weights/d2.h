//Numpy array shape [3, 2, 2, 1]
//Min -0.560509085655
//Max 0.460641622543
//Number of zeros 0

#ifndef D2_H_
#define D2_H_

#ifndef __SYNTHESIS__
sep_depthwise_t d2[12];
#else
sep_depthwise_t d2[12] = {-0.1546724141, 0.0346875191, 0.2611967921, -0.3607307673, 0.0979135036, -0.5605090857, -0.0446370840, 0.0483694673, 0.3187887669, 0.1928356290, -0.4836807847, 0.4606416225};
#endif

#endif
