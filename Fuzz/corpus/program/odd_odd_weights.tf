format 1
program "model"
layer "inp" "Input"
layer "d1" "Dense" -> %3
layer "d2" "Dense" -> %6
layer "d3" "Dense" -> %9
%0 "inp" @0 = input : [8] fixed<16,6,TRN,WRAP,0>
%1 "d1.weight" @1 = constant [-1, 1, -1, -1, 1, 1, -1, 0, 0, 0, 1, 1, -1, 1, -1, 0, 1, 1, 0, 0, -1, 1, 1, 0, -1, 1, -1, -1, 1, 0, 0, 0, 0, -1, 1, 0, 1, -1, 1, 1, 1, -1, 1, 1, -1, -1, -1, -1, 0, -1, -1, 1, 0, 1, -1, 0, 1, 1, 0, 1, 1, 1, 1, 0] : [8, 8] int<2>
%2 "d1.bias" @1 = constant [-1, -1, -1, -1, -1, 0, 0, 0] : [8] int<4>
%3 "d1.sum" @1 = affine accumulator=fixed<22,12,TRN,WRAP,0> product=fixed<22,12,TRN,WRAP,0> %0 %1 %2 : [8] fixed<22,12,TRN,WRAP,0>
%4 "d2.weight" @2 = constant [0, 0, -1, 0, -1, -1, -1, 0, 0, 0, -1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, 0, -1, 0, -1, 0, 0, -1, -1, 0, -1, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1, 0, 0, -1, 0, 0, 0, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, -1, -1, 0] : [8, 8] fixed<8,12,TRN,WRAP,0>
%5 "d2.bias" @2 = constant [-31, 11, 13, 0, -7, -26, -30, -26] : [8] fixed<6,-2,TRN,WRAP,0>
%6 "d2.sum" @2 = affine accumulator=fixed<36,28,TRN,WRAP,0> product=fixed<36,28,TRN,WRAP,0> %3 %4 %5 : [8] fixed<36,28,TRN,WRAP,0>
%7 "d3.weight" @3 = constant [63, 63, 63, 48, 63, 21, 24, 44, 0, 0, 0, 23, 0, 56, 0, 0, 63, 2, 0, 13, 0, 0, 0, 9, 53, 0, 0, 15, 32, 63, 0, 0] : [8, 4] ufixed<6,0,RND,SAT,0>
%8 "d3.bias" @3 = constant [-27, 82, -11, -2] : [4] fixed<9,3,RND_INF,SAT,0>
%9 "d3.sum" @3 = affine accumulator=fixed<46,32,TRN,WRAP,0> product=fixed<46,32,TRN,WRAP,0> %6 %7 %8 : [4] fixed<46,32,TRN,WRAP,0>
inputs %0
outputs %9
