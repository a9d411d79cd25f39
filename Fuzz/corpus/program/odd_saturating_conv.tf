format 1
program "model"
layer "inp" "Input"
layer "c1" "Conv2D" -> %4
%0 "inp" @0 = input : [6, 6, 2] fixed<10,4,RND,SAT,0>
%1 "c1.window" @1 = window kernel=[3, 3] strides=[1, 1] dilation=[1, 1] before=[0, 0] after=[0, 0] %0 : [4, 4, 18] fixed<10,4,RND,SAT,0>
%2 "c1.weight" @1 = constant [16, 2, -11, 16, -3, 5, 23, -23, 3, -2, -16, 0, 11, 11, -6, -4, -26, 23, -47, 6, 4, -13, 14, -12, -37, 50, -23, -14, 16, -19, 11, -19, 30, 13, -17, 1, 37, -24, 12, 21, 21, -6, 4, -15, -29, -22, 3, -6, 15, -5, -16, -10, -16, -1] : [18, 3] fixed<10,4,RND,SAT,0>
%3 "c1.bias" @1 = constant [9, 11, -24] : [3] fixed<10,4,RND,SAT,0>
%4 "c1.sum" @1 = affine accumulator=fixed<10,4,RND,SAT,0> product=fixed<10,4,RND,SAT,0> stride=9 %1 %2 %3 : [4, 4, 3] fixed<10,4,RND,SAT,0>
inputs %0
outputs %4
