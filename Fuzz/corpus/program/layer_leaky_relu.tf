format 1
program "model"
layer "x" "Input"
layer "d1" "Dense" -> %3
layer "l" "ParametrizedActivation" -> %8
%0 "x" @0 = input : [8] fixed<16,6,TRN,WRAP,0>
%1 "d1.weight" @1 = constant [306, -602, -274, -339, 613, -155, -567, -216, 663, 38, 361, -34, 43, 337, -127, 169, -448, -31, -278, 4, 257, -479, 278, 4, 404, 508, 172, -191, 63, -557, -343, -138, -563, -147, 150, -513, -64, -614, 94, 19, 57, 590, 600, 159, -223, 244, -91, 443] : [8, 6] fixed<16,6,TRN,WRAP,0>
%2 "d1.bias" @1 = constant [-36, 209, -47, 468, 59, 214] : [6] fixed<16,6,TRN,WRAP,0>
%3 "d1.sum" @1 = affine accumulator=fixed<16,6,TRN,WRAP,0> product=fixed<16,6,TRN,WRAP,0> %0 %1 %2 : [6] fixed<16,6,TRN,WRAP,0>
%4 "l.alpha" @2 = constant [153] : [] ufixed<8,-1,TRN,WRAP,0>
%5 "l.scaled" @2 = multiply %3 %4 : [6] fixed<24,5,TRN,WRAP,0>
%6 "l.zero" @2 = constant [0] : [] ufixed<1,1,TRN,WRAP,0>
%7 "l.chosen" @2 = select greater %3 %6 %3 %5 : [6] fixed<25,6,TRN,WRAP,0>
%8 "l" @2 = requantize fixed<16,6,TRN,WRAP,0> %7 : [6] fixed<16,6,TRN,WRAP,0>
inputs %0
outputs %8
