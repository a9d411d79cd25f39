// The clock for simulators of events (Icarus, xsim, Questa).
`timescale 1ns / 1ps
module clock;
  reg clk = 1'b0;
  always #1 clk = ~clk;
  bench bench (.clk(clk));
endmodule
