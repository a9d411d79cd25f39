format 1
program "model"
layer "inp" "Input"
layer "b1" "BatchNormalization" -> %4
layer "d1" "Dense" -> %7
layer "a" "Activation" -> %10
%0 "inp" @0 = input : [10] fixed<16,6,TRN,WRAP,0>
%1 "b1.scale" @1 = constant [700, 545, 765, 886, 898, 674, 1521, 1621, 849, 1864] : [10] fixed<16,6,TRN,WRAP,0>
%2 "b1.product" @1 = multiply %0 %1 : [10] fixed<32,12,TRN,WRAP,0>
%3 "b1.bias" @1 = constant [-637, 1178, -919, 788, 1336, -1364, -871, -460, -529, -1092] : [10] fixed<16,6,TRN,WRAP,0>
%4 "b1.sum" @1 = add %2 %3 : [10] fixed<33,13,TRN,WRAP,0>
%5 "d1.weight" @2 = constant [-112, 178, -107, 130, 580, 147, 122, 177, 134, 68, -260, -649, 360, 332, 171, 326, 463, -19, 208, 1360, 239, 45, 53, -7, 229, 198, -219, 190, 352, 183, 178, -30, -251, -319, -192, 97, 76, 12, 263, -22, -134, 80, -352, -75, 429, 108, 74, -186, 321, 458, -464, 69, -162, 221, -83, -323, -218, -4, -83, 689, 891, 205, -191, 134, 784, 53, 186, -194, 422, -97, 2, 370, 484, -135, 696, 287, -88, 80, 174, -61] : [10, 8] fixed<16,6,TRN,WRAP,0>
%6 "d1.bias" @2 = constant [-1564, -652, 303, -611, 193, -597, -277, -574] : [8] fixed<16,6,TRN,WRAP,0>
%7 "d1.sum" @2 = affine accumulator=fixed<54,24,TRN,WRAP,0> product=fixed<54,24,TRN,WRAP,0> %4 %5 %6 : [8] fixed<54,24,TRN,WRAP,0>
%8 "a.low" @3 = constant [0] : [] ufixed<1,1,TRN,WRAP,0>
%9 "a.above" @3 = maximum %7 %8 : [8] fixed<54,24,TRN,WRAP,0>
%10 "a" @3 = requantize fixed<16,6,TRN,WRAP,0> %9 : [8] fixed<16,6,TRN,WRAP,0>
inputs %0
outputs %10
