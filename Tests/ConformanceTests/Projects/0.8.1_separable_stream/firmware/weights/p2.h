//Numpy array shape [1, 1, 2, 4]
//Min -0.403203487396
//Max 0.545610904694
//Number of zeros 0

#ifndef P2_H_
#define P2_H_

#ifndef __SYNTHESIS__
sep_pointwise_t p2[8];
#else
sep_pointwise_t p2[8] = {0.0815019608, -0.0690627098, -0.4032034874, 0.0220875740, -0.2211232185, 0.3273639679, 0.5456109047, -0.0276596546};
#endif

#endif
