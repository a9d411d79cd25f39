//Numpy array shape [9]
//Min -0.439067929983
//Max 0.326836794615
//Number of zeros 0

#ifndef BR3_H_
#define BR3_H_

#ifndef __SYNTHESIS__
gru_recurrent_bias_t br3[9];
#else
gru_recurrent_bias_t br3[9] = {-0.4390679300, -0.0162722766, 0.3268367946, 0.1821992546, 0.0975305513, -0.1597168446, 0.2774506211, 0.0344570689, -0.2669141293};

#endif

#endif
