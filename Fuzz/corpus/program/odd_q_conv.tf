format 1
program "model"
layer "inp" "Input"
layer "c1" "Conv2D" -> %4
layer "b1" "BatchNormalization" -> %8
layer "a1" "Activation" -> %11
layer "p1" "Pooling2D" -> %14
layer "f" "Reshape"
layer "d" "Dense" -> %18
%0 "inp" @0 = input : [7, 7, 2] fixed<16,6,TRN,WRAP,0>
%1 "c1.window" @1 = window kernel=[3, 3] strides=[1, 1] dilation=[1, 1] before=[0, 0] after=[0, 0] %0 : [5, 5, 18] fixed<16,6,TRN,WRAP,0>
%2 "c1.weight" @1 = constant [-1, -2, -1, 0, 0, -1, -1, -1, 0, 3, 3, 2, 1, 2, 0, -3, 0, -1, -5, -1, -1, -2, 1, 1, 1, 3, 1, -1, 4, 2, -1, 0, -1, -2, 2, -3, 1, -2, -4, -1, -4, -1, 2, 1, 3, 2, 1, 1, -2, 0, 3, 1, 1, -1, 1, -4, 0, 0, 2, -2, 1, 1, -3, 6, 3, -1, -1, -2, -1, 4, -3, 1] : [18, 4] fixed<5,2,TRN,WRAP,0>
%3 "c1.bias" @1 = constant [7, -4, 0, 7] : [4] fixed<5,2,TRN,WRAP,0>
%4 "c1.sum" @1 = affine accumulator=fixed<27,14,TRN,WRAP,0> product=fixed<27,14,TRN,WRAP,0> %1 %2 %3 : [5, 5, 4] fixed<27,14,TRN,WRAP,0>
%5 "b1.scale" @2 = constant [477, 2046, 1940, 957] : [4] fixed<16,6,TRN,WRAP,0>
%6 "b1.product" @2 = multiply %4 %5 : [5, 5, 4] fixed<43,20,TRN,WRAP,0>
%7 "b1.bias" @2 = constant [-34, -2008, -177, 47] : [4] fixed<16,6,TRN,WRAP,0>
%8 "b1.sum" @2 = add %6 %7 : [5, 5, 4] fixed<44,21,TRN,WRAP,0>
%9 "a1.low" @3 = constant [0] : [] ufixed<1,1,TRN,WRAP,0>
%10 "a1.above" @3 = maximum %8 %9 : [5, 5, 4] fixed<44,21,TRN,WRAP,0>
%11 "a1" @3 = requantize ufixed<5,2,RND_CONV,SAT,0> %10 : [5, 5, 4] ufixed<5,2,RND_CONV,SAT,0>
%12 "p1.window" @4 = window kernel=[2, 2] strides=[2, 2] dilation=[1, 1] before=[0, 0] after=[0, 0] groups=4 %11 : [2, 2, 4, 4] ufixed<5,2,RND_CONV,SAT,0>
%13 "p1.largest" @4 = reduce maximum %12 : [2, 2, 4, 1] ufixed<5,2,RND_CONV,SAT,0>
%14 "p1.shape" @4 = reshape [2, 2, 4] %13 : [2, 2, 4] ufixed<5,2,RND_CONV,SAT,0>
%15 "f.shape" @5 = reshape [16] %14 : [16] ufixed<5,2,RND_CONV,SAT,0>
%16 "d.weight" @6 = constant [3, -2, -4, -6, -6, 5, -5, 2, -3, 4, -9, 2, 1, 3, -7, 4, -2, 0, 1, -1, -3, -3, -4, -1, 5, 3, 1, 8, 9, 1, -6, 4, -2, 0, 2, -3, -5, -7, -6, -1, -5, 1, -5, -1, 1, -12, 0, -1, 5, 9, 1, 2, 9, 2, -6, 0, -1, 9, -3, 0, -2, 6, -2, 4, 3, 0, -1, -1, -1, -5, 1, -3, 2, 0, 0, -9, 2, 5, -2, 9] : [16, 5] fixed<6,2,TRN,WRAP,0>
%17 "d.bias" @6 = constant [-275, -130, -132, -130, -289] : [5] fixed<16,6,TRN,WRAP,0>
%18 "d.sum" @6 = affine accumulator=fixed<19,9,TRN,WRAP,0> product=fixed<19,9,TRN,WRAP,0> %15 %16 %17 : [5] fixed<19,9,TRN,WRAP,0>
inputs %0
outputs %18
