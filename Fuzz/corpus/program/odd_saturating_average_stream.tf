format 1
program "model"
layer "inp" "Input"
layer "p0" "Pooling2D" -> %7
%0 "inp" @0 = input : [8, 8, 2] fixed<16,6,TRN,WRAP,0>
%1 "p0.wide" @1 = requantize fixed<9,4,RND_CONV,SAT,0> %0 : [8, 8, 2] fixed<9,4,RND_CONV,SAT,0>
%2 "p0.window" @1 = window kernel=[2, 2] strides=[2, 2] dilation=[1, 1] before=[0, 0] after=[0, 0] groups=2 %1 : [4, 4, 2, 4] fixed<9,4,RND_CONV,SAT,0>
%3 "p0.sum" @1 = reduce sum accumulator=fixed<9,4,RND_CONV,SAT,0> order=tree %2 : [4, 4, 2, 1] fixed<9,4,RND_CONV,SAT,0>
%4 "p0.pixels" @1 = constant [4] : [] ufixed<3,3,TRN,WRAP,0>
%5 "p0.mean" @1 = divide %3 %4 : [4, 4, 2, 1] fixed<9,4,TRN,WRAP,0>
%6 "p0" @1 = requantize fixed<7,3,RND,SAT,0> %5 : [4, 4, 2, 1] fixed<7,3,RND,SAT,0>
%7 "p0.shape" @1 = reshape [4, 4, 2] %6 : [4, 4, 2] fixed<7,3,RND,SAT,0>
inputs %0
outputs %7
