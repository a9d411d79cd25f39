// alkaid's three-operand adder, by its name and parameters, as one row of primitives (row3.v).
module ternary_adder #(
    parameter BW_INPUT0 = 32, parameter SIGNED0 = 0, parameter NEGATE0 = 0, parameter PAD0 = 0,
    parameter BW_INPUT1 = 32, parameter SIGNED1 = 0, parameter NEGATE1 = 0, parameter PAD1 = 0,
    parameter BW_INPUT2 = 32, parameter SIGNED2 = 0, parameter NEGATE2 = 0, parameter PAD2 = 0,
    parameter BW_OUT = 32, parameter DROP_LSBS = 0
) (
    input [BW_INPUT0-1:0] in0, input [BW_INPUT1-1:0] in1, input [BW_INPUT2-1:0] in2, output [BW_OUT-1:0] out
);
  localparam FULL = BW_OUT + DROP_LSBS;
  localparam WIDE = FULL + BW_INPUT0 + BW_INPUT1 + BW_INPUT2 + PAD0 + PAD1 + PAD2;
  localparam LOW01 = PAD0 < PAD1 ? PAD0 : PAD1;
  localparam LOW = LOW01 < PAD2 ? LOW01 : PAD2;
  localparam ONLY = (PAD0 == LOW) + (PAD1 == LOW) + (PAD2 == LOW) == 1;
  localparam NEGATED = PAD0 == LOW ? NEGATE0 : PAD1 == LOW ? NEGATE1 : NEGATE2;
  localparam NEXT0 = PAD0 == LOW ? WIDE : PAD0;
  localparam NEXT1 = PAD1 == LOW ? WIDE : PAD1;
  localparam NEXT2 = PAD2 == LOW ? WIDE : PAD2;
  localparam NEXT01 = NEXT0 < NEXT1 ? NEXT0 : NEXT1;
  localparam NEXT = NEXT01 < NEXT2 ? NEXT01 : NEXT2;
  localparam WANTED = ONLY && !NEGATED ? NEXT : LOW;
  localparam START = WANTED < FULL ? WANTED : FULL;
  wire [WIDE-1:0] e0 = {{(WIDE-BW_INPUT0){SIGNED0 ? in0[BW_INPUT0-1] : 1'b0}}, in0} << PAD0;
  wire [WIDE-1:0] e1 = {{(WIDE-BW_INPUT1){SIGNED1 ? in1[BW_INPUT1-1] : 1'b0}}, in1} << PAD1;
  wire [WIDE-1:0] e2 = {{(WIDE-BW_INPUT2){SIGNED2 ? in2[BW_INPUT2-1] : 1'b0}}, in2} << PAD2;
  wire [FULL-1:0] y;
  generate
    if (START > 0) begin : low
      assign y[START-1:0] = e0[START-1:0] | e1[START-1:0] | e2[START-1:0];
    end
    if (START < FULL) begin : row
      tf_row3 #(.W(FULL - START), .N0(NEGATE0), .N1(NEGATE1), .N2(NEGATE2)) sum
        (.a(e0[FULL-1:START]), .b(e1[FULL-1:START]), .c(e2[FULL-1:START]), .y(y[FULL-1:START]));
    end
  endgenerate
  assign out = y[FULL-1:DROP_LSBS];
endmodule
