format 1
program "model"
layer "x" "Input"
layer "d1" "Dense" -> %3
layer "d1_hard_sigmoid" "HardActivation" -> %12
layer "d2" "Dense" -> %15
layer "d2_hard_sigmoid" "HardActivation" -> %24
%0 "x" @0 = input : [8] fixed<16,6,TRN,WRAP,0>
%1 "d1.weight" @1 = constant [510, -574, 227, -648, 177, -294, 214, 273, -366, 469, 437, 322, 69, -185, 224, 572, 225, 200, -95, 11, -430, 124, -285, 594, -363, -573, 418, -119, 405, -555, -146, 430, 648, -84, 35, 30, -272, 69, 329, 565, 280, -638, -172, -229, -428, -409, 46, -333] : [8, 6] fixed<16,6,TRN,WRAP,0>
%2 "d1.bias" @1 = constant [801, 131, -368, -37, 22, -364] : [6] fixed<16,6,TRN,WRAP,0>
%3 "d1.sum" @1 = affine accumulator=fixed<16,6,TRN,WRAP,0> product=fixed<16,6,TRN,WRAP,0> %0 %1 %2 : [6] fixed<16,6,TRN,WRAP,0>
%4 "d1_hard_sigmoid.slope" @2 = constant [13107] : [] ufixed<16,0,TRN,WRAP,0>
%5 "d1_hard_sigmoid.shift" @2 = constant [2] : [] ufixed<2,0,TRN,WRAP,0>
%6 "d1_hard_sigmoid.scaled" @2 = multiply %3 %4 : [6] fixed<32,6,TRN,WRAP,0>
%7 "d1_hard_sigmoid.line" @2 = add %6 %5 : [6] fixed<33,7,TRN,WRAP,0>
%8 "d1_hard_sigmoid.low" @2 = constant [0] : [] ufixed<1,1,TRN,WRAP,0>
%9 "d1_hard_sigmoid.above" @2 = maximum %7 %8 : [6] fixed<33,7,TRN,WRAP,0>
%10 "d1_hard_sigmoid.high" @2 = constant [1] : [] ufixed<1,1,TRN,WRAP,0>
%11 "d1_hard_sigmoid.clipped" @2 = minimum %9 %10 : [6] fixed<33,7,TRN,WRAP,0>
%12 "d1_hard_sigmoid" @2 = requantize fixed<16,6,TRN,WRAP,0> %11 : [6] fixed<16,6,TRN,WRAP,0>
%13 "d2.weight" @3 = constant [656, 86, -623, 713, 143, -685, -156, -594, -399, 337, 383, -742, -427, -591, -194, 190, -269, -449, -317, 437, 617, 522, 767, 630] : [6, 4] fixed<16,6,TRN,WRAP,0>
%14 "d2.bias" @3 = constant [355, 219, 539, -559] : [4] fixed<16,6,TRN,WRAP,0>
%15 "d2.sum" @3 = affine accumulator=fixed<16,6,TRN,WRAP,0> product=fixed<16,6,TRN,WRAP,0> %12 %13 %14 : [4] fixed<16,6,TRN,WRAP,0>
%16 "d2_hard_sigmoid.slope" @4 = constant [13107] : [] ufixed<16,0,TRN,WRAP,0>
%17 "d2_hard_sigmoid.shift" @4 = constant [2] : [] ufixed<2,0,TRN,WRAP,0>
%18 "d2_hard_sigmoid.scaled" @4 = multiply %15 %16 : [4] fixed<32,6,TRN,WRAP,0>
%19 "d2_hard_sigmoid.line" @4 = add %18 %17 : [4] fixed<33,7,TRN,WRAP,0>
%20 "d2_hard_sigmoid.low" @4 = constant [0] : [] ufixed<1,1,TRN,WRAP,0>
%21 "d2_hard_sigmoid.above" @4 = maximum %19 %20 : [4] fixed<33,7,TRN,WRAP,0>
%22 "d2_hard_sigmoid.high" @4 = constant [1] : [] ufixed<1,1,TRN,WRAP,0>
%23 "d2_hard_sigmoid.clipped" @4 = minimum %21 %22 : [4] fixed<33,7,TRN,WRAP,0>
%24 "d2_hard_sigmoid" @4 = requantize fixed<16,6,TRN,WRAP,0> %23 : [4] fixed<16,6,TRN,WRAP,0>
inputs %0
outputs %24
