format 1
program "model"
layer "x" "Input"
layer "d1" "Dense" -> %3
layer "d1_relu" "Activation" -> %5
layer "d2" "Dense" -> %8
layer "d2_relu" "Activation" -> %10
%0 "x" @0 = input : [8] fixed<16,6,TRN,WRAP,0>
%1 "d1.weight" @1 = constant [510, -574, 227, -648, 177, -294, 214, 273, -366, 469, 437, 322, 69, -185, 224, 572, 225, 200, -95, 11, -430, 124, -285, 594, -363, -573, 418, -119, 405, -555, -146, 430, 648, -84, 35, 30, -272, 69, 329, 565, 280, -638, -172, -229, -428, -409, 46, -333] : [8, 6] fixed<16,6,TRN,WRAP,0>
%2 "d1.bias" @1 = constant [801, 131, -368, -37, 22, -364] : [6] fixed<16,6,TRN,WRAP,0>
%3 "d1.sum" @1 = affine accumulator=fixed<16,6,TRN,WRAP,0> product=fixed<16,6,TRN,WRAP,0> %0 %1 %2 : [6] fixed<16,6,TRN,WRAP,0>
%4 "d1_relu.low" @2 = constant [0] : [] ufixed<1,1,TRN,WRAP,0>
%5 "d1_relu.above" @2 = maximum %3 %4 : [6] fixed<16,6,TRN,WRAP,0>
%6 "d2.weight" @3 = constant [656, 86, -623, 713, 143, -685, -156, -594, -399, 337, 383, -742, -427, -591, -194, 190, -269, -449, -317, 437, 617, 522, 767, 630] : [6, 4] fixed<16,6,TRN,WRAP,0>
%7 "d2.bias" @3 = constant [355, 219, 539, -559] : [4] fixed<16,6,TRN,WRAP,0>
%8 "d2.sum" @3 = affine accumulator=fixed<16,6,TRN,WRAP,0> product=fixed<16,6,TRN,WRAP,0> %5 %6 %7 : [4] fixed<16,6,TRN,WRAP,0>
%9 "d2_relu.low" @4 = constant [0] : [] ufixed<1,1,TRN,WRAP,0>
%10 "d2_relu.above" @4 = maximum %8 %9 : [4] fixed<16,6,TRN,WRAP,0>
inputs %0
outputs %10
