format 1
program "model"
layer "inp" "Input"
layer "p0" "Pooling2D" -> %3
layer "p1" "Pooling2D" -> %6
layer "p2" "Pooling2D" -> %12
layer "p3" "Pooling2D" -> %18
layer "p4" "GlobalPooling2D" -> %22
layer "p5" "GlobalPooling2D" -> %28
%0 "inp" @0 = input : [7, 7, 2] fixed<16,6,TRN,WRAP,0>
%1 "p0.window" @1 = window kernel=[2, 2] strides=[2, 2] dilation=[1, 1] before=[0, 0] after=[0, 0] groups=2 %0 : [3, 3, 2, 4] fixed<16,6,TRN,WRAP,0>
%2 "p0.largest" @1 = reduce maximum %1 : [3, 3, 2, 1] fixed<16,6,TRN,WRAP,0>
%3 "p0.shape" @1 = reshape [3, 3, 2] %2 : [3, 3, 2] fixed<16,6,TRN,WRAP,0>
%4 "p1.window" @2 = window kernel=[3, 3] strides=[2, 2] dilation=[1, 1] before=[1, 1] after=[1, 1] groups=2 padding=-32768 %0 : [4, 4, 2, 9] fixed<16,6,TRN,WRAP,0>
%5 "p1.largest" @2 = reduce maximum %4 : [4, 4, 2, 1] fixed<16,6,TRN,WRAP,0>
%6 "p1.shape" @2 = reshape [4, 4, 2] %5 : [4, 4, 2] fixed<16,6,TRN,WRAP,0>
%7 "p2.window" @3 = window kernel=[2, 3] strides=[2, 3] dilation=[1, 1] before=[0, 0] after=[0, 0] groups=2 %0 : [3, 2, 2, 6] fixed<16,6,TRN,WRAP,0>
%8 "p2.sum" @3 = reduce sum accumulator=fixed<22,9,TRN,WRAP,0> order=sequential %7 : [3, 2, 2, 1] fixed<22,9,TRN,WRAP,0>
%9 "p2.pixels" @3 = constant [6] : [] ufixed<3,3,TRN,WRAP,0>
%10 "p2.mean" @3 = divide %8 %9 : [3, 2, 2, 1] fixed<22,9,TRN,WRAP,0>
%11 "p2" @3 = requantize fixed<16,6,TRN,WRAP,0> %10 : [3, 2, 2, 1] fixed<16,6,TRN,WRAP,0>
%12 "p2.shape" @3 = reshape [3, 2, 2] %11 : [3, 2, 2] fixed<16,6,TRN,WRAP,0>
%13 "p3.window" @4 = window kernel=[2, 2] strides=[1, 1] dilation=[1, 1] before=[0, 0] after=[1, 1] groups=2 %0 : [7, 7, 2, 4] fixed<16,6,TRN,WRAP,0>
%14 "p3.sum" @4 = reduce sum accumulator=fixed<20,8,TRN,WRAP,0> order=sequential %13 : [7, 7, 2, 1] fixed<20,8,TRN,WRAP,0>
%15 "p3.pixels" @4 = constant [4, 4, 4, 4, 4, 4, 2, 4, 4, 4, 4, 4, 4, 2, 4, 4, 4, 4, 4, 4, 2, 4, 4, 4, 4, 4, 4, 2, 4, 4, 4, 4, 4, 4, 2, 4, 4, 4, 4, 4, 4, 2, 2, 2, 2, 2, 2, 2, 1] : [7, 7, 1, 1] ufixed<3,3,TRN,WRAP,0>
%16 "p3.mean" @4 = divide %14 %15 : [7, 7, 2, 1] fixed<20,8,TRN,WRAP,0>
%17 "p3" @4 = requantize fixed<16,6,TRN,WRAP,0> %16 : [7, 7, 2, 1] fixed<16,6,TRN,WRAP,0>
%18 "p3.shape" @4 = reshape [7, 7, 2] %17 : [7, 7, 2] fixed<16,6,TRN,WRAP,0>
%19 "p4.flat" @5 = reshape [49, 2] %0 : [49, 2] fixed<16,6,TRN,WRAP,0>
%20 "p4.columns" @5 = transpose [1, 0] %19 : [2, 49] fixed<16,6,TRN,WRAP,0>
%21 "p4.largest" @5 = reduce maximum %20 : [2, 1] fixed<16,6,TRN,WRAP,0>
%22 "p4.shape" @5 = reshape [2] %21 : [2] fixed<16,6,TRN,WRAP,0>
%23 "p5.flat" @6 = reshape [49, 2] %0 : [49, 2] fixed<16,6,TRN,WRAP,0>
%24 "p5.columns" @6 = transpose [1, 0] %23 : [2, 49] fixed<16,6,TRN,WRAP,0>
%25 "p5.sum" @6 = reduce sum accumulator=fixed<16,6,TRN,WRAP,0> order=sequential %24 : [2, 1] fixed<16,6,TRN,WRAP,0>
%26 "p5.pixels" @6 = constant [49] : [] ufixed<6,6,TRN,WRAP,0>
%27 "p5.mean" @6 = divide %25 %26 : [2, 1] fixed<16,6,TRN,WRAP,0>
%28 "p5.shape" @6 = reshape [2] %27 : [2] fixed<16,6,TRN,WRAP,0>
inputs %0
outputs %3 %6 %12 %18 %22 %28
