format 1
program "model"
layer "inp" "Input"
layer "r" "Reshape"
layer "t" "Transpose" -> %2
layer "t2" "Transpose" -> %3
layer "u" "Resize" -> %5
layer "c" "Cropping1D" -> %6
%0 "inp" @0 = input : [4, 5, 2] fixed<16,6,TRN,WRAP,0>
%1 "r.shape" @1 = reshape [5, 8] %0 : [5, 8] fixed<16,6,TRN,WRAP,0>
%2 "t.order" @2 = transpose [2, 0, 1] %0 : [2, 4, 5] fixed<16,6,TRN,WRAP,0>
%3 "t2.order" @3 = transpose [1, 0] %1 : [8, 5] fixed<16,6,TRN,WRAP,0>
%4 "u.axis0" @4 = gather axis=0 indices=[0, 0, 1, 1, 2, 2, 3, 3] %0 : [8, 5, 2] fixed<16,6,TRN,WRAP,0>
%5 "u.axis1" @4 = gather axis=1 indices=[0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4] %4 : [8, 15, 2] fixed<16,6,TRN,WRAP,0>
%6 "c.cropped" @5 = slice start=[1, 0] count=[2, 8] step=[1, 1] %1 : [2, 8] fixed<16,6,TRN,WRAP,0>
inputs %0
outputs %2 %3 %5 %6
