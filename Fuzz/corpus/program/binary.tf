format 1
program "model"
layer "x" "Input"
layer "d1" "Dense" -> %3
layer "q1" "Activation" -> %6
layer "d2" "Dense" -> %9
%0 "x" @0 = input : [8] fixed<16,6,TRN,WRAP,0>
%1 "d1.weight" @1 = constant [1, -1, 1, -1, 1, -1, 1, -1, 1, 1, -1, 1, -1, -1, 1, 1, -1, -1, 1, 1, -1, -1, 1, 1, -1, 1, 1, 1, -1, -1, -1, -1, -1, -1, -1, -1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, 1] : [8, 6] int<2>
%2 "d1.bias" @1 = constant [0, 0, 0, 0, 0, 0] : [6] uint<1>
%3 "d1.sum" @1 = affine accumulator=fixed<16,6,TRN,WRAP,0> product=fixed<16,6,TRN,WRAP,0> %0 %1 %2 : [6] fixed<16,6,TRN,WRAP,0>
%4 "q1.low" @2 = constant [0] : [] ufixed<1,1,TRN,WRAP,0>
%5 "q1.above" @2 = maximum %3 %4 : [6] fixed<16,6,TRN,WRAP,0>
%6 "q1" @2 = requantize ufixed<6,2,RND_CONV,SAT,0> %5 : [6] ufixed<6,2,RND_CONV,SAT,0>
%7 "d2.weight" @3 = constant [-1, -1, -1, 1, 1, 1, -1, -1, -1, 1, -1, -1, 1, -1, -1, -1, 1, 1, 1, -1, -1, -1, -1, 1] : [6, 4] int<2>
%8 "d2.bias" @3 = constant [0, 0, 0, 0] : [4] uint<1>
%9 "d2.sum" @3 = affine accumulator=fixed<16,6,TRN,WRAP,0> product=fixed<16,6,TRN,WRAP,0> %6 %7 %8 : [4] fixed<16,6,TRN,WRAP,0>
inputs %0
outputs %9
