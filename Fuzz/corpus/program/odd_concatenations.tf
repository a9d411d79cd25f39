format 1
program "model"
layer "i1" "Input"
layer "i2" "Input"
layer "m1" "Concatenate" -> %2
layer "m2" "Concatenate" -> %5
layer "m3" "Concatenate" -> %6
%0 "i1" @0 = input : [3, 4, 2] fixed<12,4,TRN,WRAP,0>
%1 "i2" @1 = input : [3, 4, 2] fixed<12,4,TRN,WRAP,0>
%2 "m1.joined" @2 = concatenate axis=0 %0 %1 : [6, 4, 2] fixed<12,4,TRN,WRAP,0>
%3 "m2.part1" @3 = requantize fixed<9,3,RND,SAT,0> %0 : [3, 4, 2] fixed<9,3,RND,SAT,0>
%4 "m2.part2" @3 = requantize fixed<9,3,RND,SAT,0> %1 : [3, 4, 2] fixed<9,3,RND,SAT,0>
%5 "m2.joined" @3 = concatenate axis=1 %3 %4 : [3, 8, 2] fixed<9,3,TRN,WRAP,0>
%6 "m3.joined" @4 = concatenate axis=2 %0 %1 : [3, 4, 4] fixed<12,4,TRN,WRAP,0>
inputs %0 %1
outputs %2 %5 %6
