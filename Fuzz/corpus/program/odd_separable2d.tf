format 1
program "model"
layer "inp" "Input"
layer "c1_depthwise" "DepthwiseConv2D" -> %5
layer "c1_pointwise" "PointwiseConv2D" -> %8
layer "c1_relu" "Activation" -> %10
%0 "inp" @0 = input : [6, 6, 3] fixed<14,5,TRN,WRAP,0>
%1 "c1_depthwise.window" @1 = window kernel=[3, 3] strides=[1, 1] dilation=[1, 1] before=[0, 0] after=[0, 0] groups=3 %0 : [4, 4, 3, 9] fixed<14,5,TRN,WRAP,0>
%2 "c1_depthwise.weight" @1 = constant [236, 260, 203, 53, -19, 53, -1, 36, 186, -39, -200, 27, 118, -118, -64, -40, -41, 206, -15, 280, -18, -16, -15, 25, 197, 44, 202] : [3, 9, 1] fixed<14,5,TRN,WRAP,0>
%3 "c1_depthwise.bias" @1 = constant [0, 0, 0] : [3, 1] uint<1>
%4 "c1_depthwise.sum" @1 = affine accumulator=fixed<14,5,TRN,WRAP,0> product=fixed<14,5,TRN,WRAP,0> %1 %2 %3 : [4, 4, 3, 1] fixed<14,5,TRN,WRAP,0>
%5 "c1_depthwise.shape" @1 = reshape [4, 4, 3] %4 : [4, 4, 3] fixed<14,5,TRN,WRAP,0>
%6 "c1_pointwise.weight" @2 = constant [352, 533, -534, -140, -373, -768, -180, 228, 594, -243, 428, 685] : [3, 4] fixed<14,5,TRN,WRAP,0>
%7 "c1_pointwise.bias" @2 = constant [-202, 320, 134, 38] : [4] fixed<14,5,TRN,WRAP,0>
%8 "c1_pointwise.sum" @2 = affine accumulator=fixed<14,5,TRN,WRAP,0> product=fixed<14,5,TRN,WRAP,0> %5 %6 %7 : [4, 4, 4] fixed<14,5,TRN,WRAP,0>
%9 "c1_relu.low" @3 = constant [0] : [] ufixed<1,1,TRN,WRAP,0>
%10 "c1_relu.above" @3 = maximum %8 %9 : [4, 4, 4] fixed<14,5,TRN,WRAP,0>
inputs %0
outputs %10
