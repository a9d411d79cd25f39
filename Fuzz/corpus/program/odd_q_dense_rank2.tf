format 1
program "model"
layer "inp" "Input"
layer "d1" "PointwiseConv1D" -> %3
layer "a1" "Activation" -> %6
%0 "inp" @0 = input : [4, 6] fixed<16,6,TRN,WRAP,0>
%1 "d1.weight" @1 = constant [-1, 0, 0, 6, 4, 0, -6, 4, -1, 1, 4, -9, 1, -1, -1, 1, 1, -3, -4, 1, 5, 1, 3, 0, 5, -1, -3, 2, 4, -5] : [6, 5] fixed<5,2,TRN,WRAP,0>
%2 "d1.bias" @1 = constant [0, -6, -3, -3, 1] : [5] fixed<5,2,TRN,WRAP,0>
%3 "d1.sum" @1 = affine accumulator=fixed<25,12,TRN,WRAP,0> product=fixed<25,12,TRN,WRAP,0> %0 %1 %2 : [4, 5] fixed<25,12,TRN,WRAP,0>
%4 "a1.low" @2 = constant [0] : [] ufixed<1,1,TRN,WRAP,0>
%5 "a1.above" @2 = maximum %3 %4 : [4, 5] fixed<25,12,TRN,WRAP,0>
%6 "a1" @2 = requantize ufixed<5,2,RND_CONV,SAT,0> %5 : [4, 5] ufixed<5,2,RND_CONV,SAT,0>
inputs %0
outputs %6
