//Numpy array shape [5]
//Min -0.125000000000
//Max 1.093750000000
//Number of zeros 1

#ifndef B3_H_
#define B3_H_

namespace trigger {

#ifndef __SYNTHESIS__
a_bias_t b3[5];
#else
a_bias_t b3[5] = {0.62500, 1.09375, 0.50000, -0.12500, 0.00000};

#endif
}


#endif
