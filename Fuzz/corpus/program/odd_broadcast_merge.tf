format 1
program "model"
layer "i1" "Input"
layer "i2" "Input"
layer "m1" "Merge" -> %3
layer "m2" "Merge" -> %5
%0 "i1" @0 = input : [3, 4, 2] fixed<12,4,TRN,WRAP,0>
%1 "i2" @1 = input : [1, 1, 2] fixed<12,4,TRN,WRAP,0>
%2 "m1.multiply" @2 = multiply %0 %1 : [3, 4, 2] fixed<24,8,TRN,WRAP,0>
%3 "m1" @2 = requantize fixed<12,4,TRN,WRAP,0> %2 : [3, 4, 2] fixed<12,4,TRN,WRAP,0>
%4 "m2.add" @3 = add %1 %0 : [3, 4, 2] fixed<13,5,TRN,WRAP,0>
%5 "m2" @3 = requantize fixed<12,4,TRN,WRAP,0> %4 : [3, 4, 2] fixed<12,4,TRN,WRAP,0>
inputs %0 %1
outputs %3 %5
