//Numpy array shape [9]
//Min -0.439067929983
//Max 0.326836794615
//Number of zeros 0

#ifndef BR3_H_
#define BR3_H_

#ifndef __SYNTHESIS__
gru_recurrent_bias_t br3[9];
#else
gru_recurrent_bias_t br3[9] = {-0.4390679, -0.0162723, 0.3268368, 0.1821993, 0.0975306, -0.1597168, 0.2774506, 0.0344571, -0.2669141};

#endif

#endif
