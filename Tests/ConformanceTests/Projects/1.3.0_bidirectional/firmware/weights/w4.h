//Numpy array shape [4, 2]
//Min -0.818519592285
//Max 0.806196928024
//Number of zeros 0

#ifndef W4_H_
#define W4_H_

#ifndef __SYNTHESIS__
fc_weight_t w4[8];
#else
fc_weight_t w4[8] = {0.8061969280, 0.0968093872, -0.5300312042, 0.3510367870, -0.4497013092, -0.8185195923, 0.5546245575, -0.2645409107};

#endif

#endif
