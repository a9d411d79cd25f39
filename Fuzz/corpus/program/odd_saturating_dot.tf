format 1
program "model"
layer "i1" "Input"
layer "i2" "Input"
layer "dot" "Dot" -> %6
%0 "i1" @0 = input : [9] fixed<16,6,TRN,WRAP,0>
%1 "i2" @1 = input : [9] fixed<16,6,TRN,WRAP,0>
%2 "dot.row" @2 = reshape [1, 9] %0 : [1, 9] fixed<16,6,TRN,WRAP,0>
%3 "dot.column" @2 = reshape [1, 9] %1 : [1, 9] fixed<16,6,TRN,WRAP,0>
%4 "dot.sum" @2 = contract accumulator=fixed<10,4,RND,SAT,0> product=fixed<10,4,RND,SAT,0> %2 %3 : [1, 1] fixed<10,4,RND,SAT,0>
%5 "dot.shape" @2 = reshape [1] %4 : [1] fixed<10,4,RND,SAT,0>
%6 "dot" @2 = requantize fixed<8,4,RND,SAT,0> %5 : [1] fixed<8,4,RND,SAT,0>
inputs %0 %1
outputs %6
