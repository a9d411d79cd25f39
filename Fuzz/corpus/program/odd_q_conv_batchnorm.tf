format 1
program "model"
layer "inp" "Input"
layer "c1" "Conv2DBatchnorm" -> %4
layer "a1" "Activation" -> %7
%0 "inp" @0 = input : [6, 6, 2] fixed<16,6,TRN,WRAP,0>
%1 "c1.window" @1 = window kernel=[3, 3] strides=[1, 1] dilation=[1, 1] before=[0, 0] after=[0, 0] %0 : [4, 4, 18] fixed<16,6,TRN,WRAP,0>
%2 "c1.weight" @1 = constant [-2, -4, -2, 4, -2, 0, 1, -1, -6, -2, 0, 3, -3, -4, 1, 0, 5, -3, 1, -3, 1, 1, 2, -1, 0, 1, -1, -1, 1, 6, -3, 0, -1, -5, -3, 1, 1, -2, -1, 2, 0, 2, -1, -1, 1, 0, 6, -1, -1, -2, 1, 0, 3, 4] : [18, 3] fixed<5,2,TRN,WRAP,0>
%3 "c1.bias" @1 = constant [-5, 5, 4] : [3] fixed<6,3,TRN,WRAP,0>
%4 "c1.sum" @1 = affine accumulator=fixed<27,14,TRN,WRAP,0> product=fixed<27,14,TRN,WRAP,0> %1 %2 %3 : [4, 4, 3] fixed<27,14,TRN,WRAP,0>
%5 "a1.low" @2 = constant [0] : [] ufixed<1,1,TRN,WRAP,0>
%6 "a1.above" @2 = maximum %4 %5 : [4, 4, 3] fixed<27,14,TRN,WRAP,0>
%7 "a1" @2 = requantize ufixed<5,2,RND_CONV,SAT,0> %6 : [4, 4, 3] ufixed<5,2,RND_CONV,SAT,0>
inputs %0
outputs %7
