format 1
program "model"
layer "x" "Input"
layer "d1" "Dense" -> %3
layer "d1_relu" "Activation" -> %5
layer "d2" "Dense" -> %8
layer "d2_relu" "Activation" -> %10
%0 "x" @0 = input : [8] fixed<12,4,RND_CONV,SAT,0>
%1 "d1.weight" @1 = constant [-77, 159, 6, -4, 57, 105, -140, -21, 107, 96, -55, 119, -12, -58, 120, -51, 122, -32, 103, 77, 118, -37, 148, -14, -77, 22, 114, -144, -122, -12, 150, -25, 41, -89, 162, 125, 69, 61, -21, -6, -121, 114, -95, -140, -139, -89, 123, 55] : [8, 6] fixed<12,4,RND_CONV,SAT,0>
%2 "d1.bias" @1 = constant [-129, 66, 60, -80, 48, -8] : [6] fixed<12,4,RND_CONV,SAT,0>
%3 "d1.sum" @1 = affine accumulator=fixed<12,4,RND_CONV,SAT,0> product=fixed<12,4,RND_CONV,SAT,0> stride=2 %0 %1 %2 : [6] fixed<12,4,RND_CONV,SAT,0>
%4 "d1_relu.low" @2 = constant [0] : [] ufixed<1,1,TRN,WRAP,0>
%5 "d1_relu.above" @2 = maximum %3 %4 : [6] fixed<12,4,TRN,WRAP,0>
%6 "d2.weight" @3 = constant [-121, 163, -141, 163, 130, -125, 145, 198, -43, -94, -188, -165, -178, 107, 22, 53, 44, -22, 184, 118, -18, 99, 107, -65] : [6, 4] fixed<12,4,RND_CONV,SAT,0>
%7 "d2.bias" @3 = constant [162, 80, -125, -4] : [4] fixed<12,4,RND_CONV,SAT,0>
%8 "d2.sum" @3 = affine accumulator=fixed<12,4,RND_CONV,SAT,0> product=fixed<12,4,RND_CONV,SAT,0> stride=2 %5 %6 %7 : [4] fixed<12,4,RND_CONV,SAT,0>
%9 "d2_relu.low" @4 = constant [0] : [] ufixed<1,1,TRN,WRAP,0>
%10 "d2_relu.above" @4 = maximum %8 %9 : [4] fixed<12,4,TRN,WRAP,0>
inputs %0
outputs %10
