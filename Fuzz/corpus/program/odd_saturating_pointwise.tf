format 1
program "model"
layer "inp" "Input"
layer "c1" "PointwiseConv1D" -> %3
layer "c2" "PointwiseConv1D" -> %7
%0 "inp" @0 = input : [9, 6] fixed<10,4,RND,SAT,0>
%1 "c1.weight" @1 = constant [-28, 1, 35, 24, 33, 3, 10, -15, -25, 28, -16, -50, 15, 2, -7, 27, -12, 44, -43, -22, -41, -4, -26, -10] : [6, 4] fixed<10,4,RND,SAT,0>
%2 "c1.bias" @1 = constant [-8, 20, -16, -43] : [4] fixed<10,4,RND,SAT,0>
%3 "c1.sum" @1 = affine accumulator=fixed<10,4,RND,SAT,0> product=fixed<10,4,RND,SAT,0> stride=3 %0 %1 %2 : [9, 4] fixed<10,4,RND,SAT,0>
%4 "c2.window" @2 = window kernel=[1] strides=[2] dilation=[1] before=[0] after=[0] %3 : [5, 4] fixed<10,4,RND,SAT,0>
%5 "c2.weight" @2 = constant [-22, 1, 38, 5, 9, 25, -1, -76, 57, 60, 19, 1] : [4, 3] fixed<10,4,RND,SAT,0>
%6 "c2.bias" @2 = constant [1, 11, 7] : [3] fixed<10,4,RND,SAT,0>
%7 "c2.sum" @2 = affine accumulator=fixed<10,4,RND,SAT,0> product=fixed<10,4,RND,SAT,0> %4 %5 %6 : [5, 3] fixed<10,4,RND,SAT,0>
inputs %0
outputs %7
