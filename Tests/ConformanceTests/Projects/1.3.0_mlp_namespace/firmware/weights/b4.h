//Numpy array shape [8]
//Min -0.572270393372
//Max 0.706161260605
//Number of zeros 0

#ifndef B4_H_
#define B4_H_

namespace jet_tagger_v1 {

bn_bias_t b4[8] = {0.0127137899, -0.5722703934, -0.5271590352, 0.1166568324, -0.0790117979, -0.4811594486, 0.1847696751, 0.7061612606};

}


#endif
