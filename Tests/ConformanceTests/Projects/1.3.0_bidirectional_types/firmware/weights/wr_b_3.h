//Numpy array shape [2, 8]
//Min -0.566213250160
//Max 0.476983129978
//Number of zeros 0

#ifndef WR_B_3_H_
#define WR_B_3_H_

#ifndef __SYNTHESIS__
ends_backward_recurrent_weight_t wr_b_3[16];
#else
ends_backward_recurrent_weight_t wr_b_3[16] = {-0.5662132502, -0.4424471557, 0.2552194893, 0.1462364644, 0.2998037338, 0.4581709802, -0.1915455908, -0.2462280393, 0.4769831300, -0.5578389168, -0.2126690447, 0.0966852158, -0.2345890999, 0.1498835236, 0.2938685119, -0.4928192496};

#endif

#endif
