//Numpy array shape [9]
//Min -0.568524837494
//Max 0.192797601223
//Number of zeros 0

#ifndef BR5_H_
#define BR5_H_

#ifndef __SYNTHESIS__
gru_recurrent_bias_t br5[9];
#else
gru_recurrent_bias_t br5[9] = {0.1927976012, 0.1343239695, -0.5248984694, -0.2231847644, 0.0141672380, -0.1925703287, 0.0809329450, -0.5685248375, -0.0331398584};

#endif

#endif
