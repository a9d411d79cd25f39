format 1
program "model"
layer "inp" "Input"
layer "d1" "Dense" -> %3
layer "a1" "ParametrizedActivation" -> %8
layer "d2" "Dense" -> %11
layer "a2" "ParametrizedActivation" -> %16
%0 "inp" @0 = input : [10] fixed<16,6,TRN,WRAP,0>
%1 "d1.weight" @1 = constant [-727, -416, 353, -37, 316, 338, -43, 241, 667, 305, -134, -265, -360, 996, -434, -400, -169, -661, -110, -79, 49, -1037, -827, 108, -445, -291, -401, -279, 66, 1129, 409, 95, -26, 60, -164, -364, 176, 678, 528, -5, -550, 183, 488, -133, 208, 1011, 233, 518, -306, -121, 106, 517, -732, -96, 364, 55, -523, 285, -27, -308, 110, 199, 106, -38, 133, 314, -110, -26, 541, -266, -356, -1039, 266, 627, -109, 179, 169, 409, 243, -145] : [10, 8] fixed<16,6,TRN,WRAP,0>
%2 "d1.bias" @1 = constant [447, -651, -277, -285, 537, 164, 503, -264] : [8] fixed<16,6,TRN,WRAP,0>
%3 "d1.sum" @1 = affine accumulator=fixed<37,17,TRN,WRAP,0> product=fixed<37,17,TRN,WRAP,0> %0 %1 %2 : [8] fixed<37,17,TRN,WRAP,0>
%4 "a1.alpha" @2 = constant [153] : [] ufixed<8,-1,TRN,WRAP,0>
%5 "a1.scaled" @2 = multiply %3 %4 : [8] fixed<45,16,TRN,WRAP,0>
%6 "a1.zero" @2 = constant [0] : [] ufixed<1,1,TRN,WRAP,0>
%7 "a1.chosen" @2 = select greater %3 %6 %3 %5 : [8] fixed<46,17,TRN,WRAP,0>
%8 "a1" @2 = requantize fixed<16,6,TRN,WRAP,0> %7 : [8] fixed<16,6,TRN,WRAP,0>
%9 "d2.weight" @3 = constant [-325, 210, 349, 339, 127, -361, -321, 693, -258, 641, 274, 75, -649, 230, 10, 271, -218, -202, -153, -121, 136, 406, -378, 2, -360, -617, -643, -171, -626, 375, -98, -471, -367, -604, -45, 198, -523, -344, 23, -7, -227, 1294, 884, -364, 566, -303, -87, 8, -203, 990, -165, -167, -742, 390, -197, -442, 209, 185, -395, 99, 1529, -31, 154, -209] : [8, 8] fixed<16,6,TRN,WRAP,0>
%10 "d2.bias" @3 = constant [-425, 144, -456, 501, 752, -467, -791, -430] : [8] fixed<16,6,TRN,WRAP,0>
%11 "d2.sum" @3 = affine accumulator=fixed<36,16,TRN,WRAP,0> product=fixed<36,16,TRN,WRAP,0> %8 %9 %10 : [8] fixed<36,16,TRN,WRAP,0>
%12 "a2.alpha" @4 = constant [1] : [] ufixed<1,-2,TRN,WRAP,0>
%13 "a2.scaled" @4 = multiply %11 %12 : [8] fixed<37,14,TRN,WRAP,0>
%14 "a2.zero" @4 = constant [0] : [] ufixed<1,1,TRN,WRAP,0>
%15 "a2.chosen" @4 = select greater %11 %14 %11 %13 : [8] fixed<39,16,TRN,WRAP,0>
%16 "a2" @4 = requantize fixed<16,6,TRN,WRAP,0> %15 : [8] fixed<16,6,TRN,WRAP,0>
inputs %0
outputs %16
