format 1
program "model"
layer "i1" "Input"
layer "i2" "Input"
layer "d1" "Dense" -> %4
layer "m1" "Merge" -> %6
layer "c1" "Concatenate" -> %7
layer "b1" "BatchNormalization" -> %12
%0 "i1" @0 = input : [6] fixed<16,6,TRN,WRAP,0>
%1 "i2" @1 = input : [6] fixed<16,6,TRN,WRAP,0>
%2 "d1.weight" @2 = constant [-146, -375, 502, -982, -88, -849, -559, -1078, 111, 552, -242, 40, -197, -70, 339, -72, 73, -167, -494, 664, 938, 354, -30, -699, -442, 204, 205, 822, 208, 364, -451, 189, -264, -912, 285, -686] : [6, 6] fixed<16,6,TRN,WRAP,0>
%3 "d1.bias" @2 = constant [411, -151, 388, -146, 164, 163] : [6] fixed<16,6,TRN,WRAP,0>
%4 "d1.sum" @2 = affine accumulator=fixed<16,6,TRN,WRAP,0> product=fixed<16,6,TRN,WRAP,0> %0 %2 %3 : [6] fixed<16,6,TRN,WRAP,0>
%5 "m1.multiply" @3 = multiply %4 %1 : [6] fixed<32,12,TRN,WRAP,0>
%6 "m1" @3 = requantize fixed<16,6,TRN,WRAP,0> %5 : [6] fixed<16,6,TRN,WRAP,0>
%7 "c1.joined" @4 = concatenate axis=0 %6 %4 : [12] fixed<16,6,TRN,WRAP,0>
%8 "b1.scale" @5 = constant [1270, 946, 1157, 1815, 682, 559, 1031, 1517, 1276, 927, 726, 1266] : [12] fixed<16,6,TRN,WRAP,0>
%9 "b1.product" @5 = multiply %7 %8 : [12] fixed<32,12,TRN,WRAP,0>
%10 "b1.bias" @5 = constant [-362, 265, 81, 321, -76, -415, 0, -64, 303, -328, -95, -480] : [12] fixed<16,6,TRN,WRAP,0>
%11 "b1.sum" @5 = add %9 %10 : [12] fixed<33,13,TRN,WRAP,0>
%12 "b1" @5 = requantize fixed<16,6,TRN,WRAP,0> %11 : [12] fixed<16,6,TRN,WRAP,0>
inputs %0 %1
outputs %12
