format 1
program "model"
layer "inp" "Input"
layer "repack_r" "Repack"
layer "d" "PointwiseConv1D" -> %4
layer "f" "Reshape"
layer "e" "Dense" -> %8
%0 "inp" @0 = input : [4, 6] fixed<14,5,TRN,WRAP,0>
%1 "repack_r.shape" @1 = reshape [2, 12] %0 : [2, 12] fixed<14,5,TRN,WRAP,0>
%2 "d.weight" @2 = constant [71, 245, 160, 66, -170, -239, 57, 104, -192, -99, -296, 43, -126, 24, -54, -128, 182, -31, -20, -78, 13, 114, 316, 139, 163, -51, -70, -26, -7, -24, -51, -126, 202, -18, -30, 88] : [12, 3] fixed<14,5,TRN,WRAP,0>
%3 "d.bias" @2 = constant [71, -59, 118] : [3] fixed<14,5,TRN,WRAP,0>
%4 "d.sum" @2 = affine accumulator=fixed<14,5,TRN,WRAP,0> product=fixed<14,5,TRN,WRAP,0> %1 %2 %3 : [2, 3] fixed<14,5,TRN,WRAP,0>
%5 "f.shape" @3 = reshape [6] %4 : [6] fixed<14,5,TRN,WRAP,0>
%6 "e.weight" @4 = constant [121, 159, -46, -66, 154, -42, 614, 88, -124, 82, -350, -590, 3, 345, 5, 339, 309, 171, 680, 50, -245, -6, 199, -131] : [6, 4] fixed<14,5,TRN,WRAP,0>
%7 "e.bias" @4 = constant [312, 304, 33, -22] : [4] fixed<14,5,TRN,WRAP,0>
%8 "e.sum" @4 = affine accumulator=fixed<14,5,TRN,WRAP,0> product=fixed<14,5,TRN,WRAP,0> %5 %6 %7 : [4] fixed<14,5,TRN,WRAP,0>
inputs %0
outputs %8
