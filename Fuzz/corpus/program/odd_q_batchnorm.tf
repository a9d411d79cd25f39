format 1
program "model"
layer "inp" "Input"
layer "d1" "Dense" -> %3
layer "b1" "BatchNormalization" -> %7
layer "a1" "Activation" -> %10
%0 "inp" @0 = input : [10] fixed<16,6,TRN,WRAP,0>
%1 "d1.weight" @1 = constant [-4, -2, -15, -3, -4, 0, 3, -1, -2, 1, -2, 0, 6, 0, 2, 5, -2, -1, -1, 4, 2, 5, 2, -4, 6, 2, 11, 12, -7, 1, -3, -1, 0, 4, -8, -8, -2, 1, 5, 11, -4, -3, -2, -4, 5, -2, -2, 2, 9, 0, -4, -7, -5, 2, 4, -14, 3, 11, -2, -5, -5, 5, 2, 11, -9, -2, -11, -15, 18, -1, -1, -7, 2, 8, -1, -6, 6, -3, -5, -3] : [10, 8] fixed<6,2,TRN,WRAP,0>
%2 "d1.bias" @1 = constant [0, 0, 0, 0, 0, 0, 0, 0] : [8] uint<1>
%3 "d1.sum" @1 = affine accumulator=fixed<27,13,TRN,WRAP,0> product=fixed<27,13,TRN,WRAP,0> %0 %1 %2 : [8] fixed<27,13,TRN,WRAP,0>
%4 "b1.scale" @2 = constant [1058, 2354, 1098, 1044, 523, 414, 1182, 1070] : [8] fixed<16,6,TRN,WRAP,0>
%5 "b1.product" @2 = multiply %3 %4 : [8] fixed<43,19,TRN,WRAP,0>
%6 "b1.bias" @2 = constant [-386, 489, -671, -531, -224, -297, -234, -1322] : [8] fixed<16,6,TRN,WRAP,0>
%7 "b1.sum" @2 = add %5 %6 : [8] fixed<44,20,TRN,WRAP,0>
%8 "a1.low" @3 = constant [0] : [] ufixed<1,1,TRN,WRAP,0>
%9 "a1.above" @3 = maximum %7 %8 : [8] fixed<44,20,TRN,WRAP,0>
%10 "a1" @3 = requantize ufixed<6,2,RND_CONV,SAT,0> %9 : [8] ufixed<6,2,RND_CONV,SAT,0>
inputs %0
outputs %10
