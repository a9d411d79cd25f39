format 1
program "model"
layer "inp" "Input"
layer "p0" "Pooling1D" -> %3
layer "p1" "Pooling1D" -> %9
layer "p2" "GlobalPooling1D" -> %13
%0 "inp" @0 = input : [7, 2] ufixed<8,3,TRN,WRAP,0>
%1 "p0.window" @1 = window kernel=[3] strides=[2] dilation=[1] before=[1] after=[1] groups=2 padding=128 %0 : [4, 2, 3] ufixed<8,3,TRN,WRAP,0>
%2 "p0.largest" @1 = reduce maximum %1 : [4, 2, 1] ufixed<8,3,TRN,WRAP,0>
%3 "p0.shape" @1 = reshape [4, 2] %2 : [4, 2] ufixed<8,3,TRN,WRAP,0>
%4 "p1.window" @2 = window kernel=[3] strides=[2] dilation=[1] before=[1] after=[1] groups=2 %0 : [4, 2, 3] ufixed<8,3,TRN,WRAP,0>
%5 "p1.sum" @2 = reduce sum accumulator=ufixed<12,5,TRN,WRAP,0> order=sequential %4 : [4, 2, 1] ufixed<12,5,TRN,WRAP,0>
%6 "p1.pixels" @2 = constant [2, 3, 3, 2] : [4, 1, 1] ufixed<2,2,TRN,WRAP,0>
%7 "p1.mean" @2 = divide %5 %6 : [4, 2, 1] ufixed<12,5,TRN,WRAP,0>
%8 "p1" @2 = requantize ufixed<8,3,TRN,WRAP,0> %7 : [4, 2, 1] ufixed<8,3,TRN,WRAP,0>
%9 "p1.shape" @2 = reshape [4, 2] %8 : [4, 2] ufixed<8,3,TRN,WRAP,0>
%10 "p2.columns" @3 = transpose [1, 0] %0 : [2, 7] ufixed<8,3,TRN,WRAP,0>
%11 "p2.largest" @3 = reduce maximum %10 : [2, 1] ufixed<8,3,TRN,WRAP,0>
%12 "p2.accumulator" @3 = requantize fixed<16,6,TRN,WRAP,0> %11 : [2, 1] fixed<16,6,TRN,WRAP,0>
%13 "p2.shape" @3 = reshape [2] %12 : [2] fixed<16,6,TRN,WRAP,0>
inputs %0
outputs %3 %9 %13
