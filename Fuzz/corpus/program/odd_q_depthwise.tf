format 1
program "model"
layer "inp" "Input"
layer "c1" "DepthwiseConv2D" -> %5
layer "a1" "Activation" -> %8
%0 "inp" @0 = input : [6, 6, 3] fixed<16,6,TRN,WRAP,0>
%1 "c1.window" @1 = window kernel=[3, 3] strides=[1, 1] dilation=[1, 1] before=[0, 0] after=[0, 0] groups=3 %0 : [4, 4, 3, 9] fixed<16,6,TRN,WRAP,0>
%2 "c1.weight" @1 = constant [2, 0, 2, 2, 0, 0, 2, 0, 2, 0, -1, -1, -2, 2, 5, -3, -3, 2, -3, 0, 2, 3, 0, 3, 3, 3, 0] : [3, 9, 1] fixed<5,2,TRN,WRAP,0>
%3 "c1.bias" @1 = constant [-4, 0, 2] : [3, 1] fixed<5,2,TRN,WRAP,0>
%4 "c1.sum" @1 = affine accumulator=fixed<26,13,TRN,WRAP,0> product=fixed<26,13,TRN,WRAP,0> %1 %2 %3 : [4, 4, 3, 1] fixed<26,13,TRN,WRAP,0>
%5 "c1.shape" @1 = reshape [4, 4, 3] %4 : [4, 4, 3] fixed<26,13,TRN,WRAP,0>
%6 "a1.low" @2 = constant [0] : [] ufixed<1,1,TRN,WRAP,0>
%7 "a1.above" @2 = maximum %5 %6 : [4, 4, 3] fixed<26,13,TRN,WRAP,0>
%8 "a1" @2 = requantize ufixed<5,2,RND_CONV,SAT,0> %7 : [4, 4, 3] ufixed<5,2,RND_CONV,SAT,0>
inputs %0
outputs %8
