format 1
program "model"
layer "inp" "Input"
layer "d1" "PointwiseConv1D" -> %3
layer "a1" "Activation" -> %6
layer "d2" "PointwiseConv1D" -> %9
%0 "inp" @0 = input : [4, 6] fixed<16,6,TRN,WRAP,0>
%1 "d1.weight" @1 = constant [-256, 446, 536, 25, -760, 250, -242, -79, -52, -214, 450, 603, 298, 76, -263, 195, -551, 12, -26, 635, 587, 273, -74, 419, 325, -384, 245, -272, 218, -215] : [6, 5] fixed<16,6,TRN,WRAP,0>
%2 "d1.bias" @1 = constant [264, 429, -451, -27, 13] : [5] fixed<16,6,TRN,WRAP,0>
%3 "d1.sum" @1 = affine accumulator=fixed<36,16,TRN,WRAP,0> product=fixed<36,16,TRN,WRAP,0> %0 %1 %2 : [4, 5] fixed<36,16,TRN,WRAP,0>
%4 "a1.low" @2 = constant [0] : [] ufixed<1,1,TRN,WRAP,0>
%5 "a1.above" @2 = maximum %3 %4 : [4, 5] fixed<36,16,TRN,WRAP,0>
%6 "a1" @2 = requantize fixed<16,6,TRN,WRAP,0> %5 : [4, 5] fixed<16,6,TRN,WRAP,0>
%7 "d2.weight" @3 = constant [-884, 973, 337, -548, 249, 394, -201, -673, 263, 332, 414, -384, -298, -1043, -93] : [5, 3] fixed<16,6,TRN,WRAP,0>
%8 "d2.bias" @3 = constant [0, 0, 0] : [3] uint<1>
%9 "d2.sum" @3 = affine accumulator=fixed<36,16,TRN,WRAP,0> product=fixed<36,16,TRN,WRAP,0> %6 %7 %8 : [4, 3] fixed<36,16,TRN,WRAP,0>
inputs %0
outputs %9
