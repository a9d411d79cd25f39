//Numpy array shape [12]
//Min -0.427770912647
//Max 0.464736461639
//Number of zeros 0

#ifndef BR2_H_
#define BR2_H_

#ifndef __SYNTHESIS__
gru_recurrent_bias_t br2[12];
#else
gru_recurrent_bias_t br2[12] = {0.3434774280, 0.4647364616, 0.0244303942, -0.2045822144, 0.4600767493, -0.4112681746, -0.4277709126, 0.0336366892, -0.2629302144, -0.2612947822, 0.2253971696, 0.0411102176};

#endif

#endif
