//Numpy array shape [2, 8]
//Min -0.330701440573
//Max 0.667479276657
//Number of zeros 0

#ifndef WR_F_3_H_
#define WR_F_3_H_

#ifndef __SYNTHESIS__
ends_forward_recurrent_weight_t wr_f_3[16];
#else
ends_forward_recurrent_weight_t wr_f_3[16] = {0.1760240793, 0.6674792767, -0.2479447722, 0.0609241650, -0.3104688227, 0.5677316189, -0.0189166684, -0.1980676055, 0.5351130366, -0.3307014406, 0.3441283703, -0.1761341393, 0.2901436090, 0.5888237953, 0.1200352237, 0.0976606533};

#endif

#endif
