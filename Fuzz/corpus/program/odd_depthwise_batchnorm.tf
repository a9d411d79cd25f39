format 1
program "model"
layer "inp" "Input"
layer "c1" "DepthwiseConv2D" -> %5
layer "a1" "Activation" -> %8
%0 "inp" @0 = input : [6, 6, 3] fixed<16,6,TRN,WRAP,0>
%1 "c1.window" @1 = window kernel=[3, 3] strides=[1, 1] dilation=[1, 1] before=[1, 1] after=[1, 1] groups=3 %0 : [6, 6, 3, 9] fixed<16,6,TRN,WRAP,0>
%2 "c1.weight" @1 = constant [-188, 330, -74, -54, -16, -146, -31, 155, 151, 56, 150, 71, 170, -21, -96, -326, -55, 431, -449, -70, -64, 121, 38, 129, -113, -36, -169] : [3, 9, 1] fixed<16,6,TRN,WRAP,0>
%3 "c1.bias" @1 = constant [552, -504, 71] : [3, 1] fixed<16,6,TRN,WRAP,0>
%4 "c1.sum" @1 = affine accumulator=fixed<37,17,TRN,WRAP,0> product=fixed<37,17,TRN,WRAP,0> %1 %2 %3 : [6, 6, 3, 1] fixed<37,17,TRN,WRAP,0>
%5 "c1.shape" @1 = reshape [6, 6, 3] %4 : [6, 6, 3] fixed<37,17,TRN,WRAP,0>
%6 "a1.low" @2 = constant [0] : [] ufixed<1,1,TRN,WRAP,0>
%7 "a1.above" @2 = maximum %5 %6 : [6, 6, 3] fixed<37,17,TRN,WRAP,0>
%8 "a1" @2 = requantize fixed<16,6,TRN,WRAP,0> %7 : [6, 6, 3] fixed<16,6,TRN,WRAP,0>
inputs %0
outputs %8
