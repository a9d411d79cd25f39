format 1
program "model"
layer "a" "Input"
layer "b" "Input"
layer "d1" "Dense" -> %4
layer "d2" "Dense" -> %7
layer "m" "Merge" -> %9
%0 "a" @0 = input : [5] fixed<16,6,TRN,WRAP,0>
%1 "b" @1 = input : [5] fixed<16,6,TRN,WRAP,0>
%2 "d1.weight" @2 = constant [664, 700, 661, -549, -415, 462, 766, 576, 380, -597, 425, 723, -363, -85, 676, 132, 500, 39, -288, 646] : [5, 4] fixed<16,6,TRN,WRAP,0>
%3 "d1.bias" @2 = constant [106, -133, -467, -120] : [4] fixed<16,6,TRN,WRAP,0>
%4 "d1.sum" @2 = affine accumulator=fixed<16,6,TRN,WRAP,0> product=fixed<16,6,TRN,WRAP,0> %0 %2 %3 : [4] fixed<16,6,TRN,WRAP,0>
%5 "d2.weight" @3 = constant [-356, 719, -261, -384, 651, 213, 0, 95, 644, -618, 345, -757, -746, 699, -226, 397, -292, -670, -816, -203] : [5, 4] fixed<16,6,TRN,WRAP,0>
%6 "d2.bias" @3 = constant [-496, 379, -42, 185] : [4] fixed<16,6,TRN,WRAP,0>
%7 "d2.sum" @3 = affine accumulator=fixed<16,6,TRN,WRAP,0> product=fixed<16,6,TRN,WRAP,0> %1 %5 %6 : [4] fixed<16,6,TRN,WRAP,0>
%8 "m.add" @4 = add %4 %7 : [4] fixed<17,7,TRN,WRAP,0>
%9 "m" @4 = requantize fixed<16,6,TRN,WRAP,0> %8 : [4] fixed<16,6,TRN,WRAP,0>
inputs %0 %1
outputs %9
