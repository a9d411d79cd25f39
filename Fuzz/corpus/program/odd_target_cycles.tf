format 1
program "model"
layer "inp" "Input"
layer "d1" "Dense" -> %3
layer "a1" "Activation" -> %6
layer "d2" "Dense" -> %9
%0 "inp" @0 = input : [16] fixed<10,3,RND_CONV,SAT_SYM,0>
%1 "d1.weight" @1 = constant [37, 19, -25, 11, 43, 55, 24, -58, 18, 87, -4, -46, -35, -60, 41, -26, 43, -28, 38, -102, -8, 35, -34, -6, -68, 25, -18, 53, 40, 53, -26, -28, 15, 14, -53, -41, 2, -10, 26, -69, -10, 15, 27, 57, 9, -34, -34, -16, 37, -55, -24, 22, -27, 31, -33, -17, 0, -75, 42, 66, -20, -22, 53, -17, -21, -23, -28, 45, -44, -14, -16, -27, -48, -29, 9, 39, -43, -44, -32, 28, -25, -7, 58, 65, 46, -11, 15, -37, -21, -2, 69, -55, -23, -9, -28, 18, 11, -22, -22, 19, 15, -13, 2, -39, -8, -20, 27, 35, 31, 38, 88, -65, -32, -22, 0, -115, 27, -47, -67, 45, 9, 28, -11, 80, 30, 9, 50, -7] : [16, 8] fixed<10,3,RND_CONV,SAT_SYM,0>
%2 "d1.bias" @1 = constant [21, 60, 54, -21, 65, -39, 45, -18] : [8] fixed<10,3,RND_CONV,SAT_SYM,0>
%3 "d1.sum" @1 = affine accumulator=fixed<10,3,RND_CONV,SAT_SYM,0> product=fixed<10,3,RND_CONV,SAT_SYM,0> stride=8 %0 %1 %2 : [8] fixed<10,3,RND_CONV,SAT_SYM,0>
%4 "a1.low" @2 = constant [0] : [] ufixed<1,1,TRN,WRAP,0>
%5 "a1.above" @2 = maximum %3 %4 : [8] fixed<10,3,TRN,WRAP,0>
%6 "a1" @2 = requantize fixed<10,3,RND_CONV,SAT_SYM,0> %5 : [8] fixed<10,3,RND_CONV,SAT_SYM,0>
%7 "d2.weight" @3 = constant [-20, -34, -6, 27, -47, -7, 142, -87, -69, -22, 60, 117, 14, -19, -96, -73, -39, -102, -43, -121, 81, -13, 25, 72, 1, 74, -111, -12, 128, -69, 5, -26] : [8, 4] fixed<10,3,RND_CONV,SAT_SYM,0>
%8 "d2.bias" @3 = constant [17, -64, 19, -118] : [4] fixed<10,3,RND_CONV,SAT_SYM,0>
%9 "d2.sum" @3 = affine accumulator=fixed<10,3,RND_CONV,SAT_SYM,0> product=fixed<10,3,RND_CONV,SAT_SYM,0> %6 %7 %8 : [4] fixed<10,3,RND_CONV,SAT_SYM,0>
inputs %0
outputs %9
