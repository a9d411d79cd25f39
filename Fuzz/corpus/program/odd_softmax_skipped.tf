format 1
program "model"
layer "inp" "Input"
layer "d" "Dense" -> %3
%0 "inp" @0 = input : [7] fixed<16,6,TRN,WRAP,0>
%1 "d.weight" @1 = constant [763, -50, 626, -21, -486, -114, -114, 873, -487, 197, -209, 182, -590, -1457, 128, 1176, -541, 154, 71, 107, -208, 104, 173, -706, 174, -550, -135, -50, -1018, -891, -242, 295, 76, -49, -1243, -776, 174, 120, -717, 541, -173, 362] : [7, 6] fixed<16,6,TRN,WRAP,0>
%2 "d.bias" @1 = constant [402, 325, -670, -979, 17, -849] : [6] fixed<16,6,TRN,WRAP,0>
%3 "d.sum" @1 = affine accumulator=fixed<36,16,TRN,WRAP,0> product=fixed<36,16,TRN,WRAP,0> %0 %1 %2 : [6] fixed<36,16,TRN,WRAP,0>
inputs %0
outputs %3
