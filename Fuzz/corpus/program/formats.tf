format 1
program "formats"
layer "q" "Quantizer" -> %1
%0 "x" = input : [2, 3] fixed<16,6,TRN,WRAP,0>
%1 "q" @0 = requantize shape=[2, 3] formats=[fixed<6,3,RND,SAT,0>, zero, ufixed<4,2,TRN,WRAP,0>] places=[0, 1*2, 2*3] %0 : [2, 3] fixed<6,3,TRN,WRAP,0>
inputs %0
outputs %1
