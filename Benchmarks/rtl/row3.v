// A row of three operands: one LUT6_2 per bit, whose lower output is the majority of the three bits, and carry chains. The
// chain's input and the majority below bit 0 are the two ones that negated operands need.
module tf_row3 #(parameter W = 1, parameter N0 = 0, parameter N1 = 0, parameter N2 = 0)
  (input [W-1:0] a, input [W-1:0] b, input [W-1:0] c, output [W-1:0] y);
`ifdef BEHAVIOURAL
  assign y = (N0 ? -a : a) + (N1 ? -b : b) + (N2 ? -c : c);
`else
  // Bits of the truth tables, index {m, c, b, a}.
  function [31:0] majority(input integer unused);
    integer i; reg p, q, r;
    for (i = 0; i < 32; i = i + 1) begin
      p = i[0] ^ (N0 != 0); q = i[1] ^ (N1 != 0); r = i[2] ^ (N2 != 0);
      majority[i] = (p & q) | (p & r) | (q & r);
    end
  endfunction
  function [31:0] parity(input integer unused);
    integer i;
    for (i = 0; i < 32; i = i + 1)
      parity[i] = i[0] ^ i[1] ^ i[2] ^ i[3] ^ (N0 != 0) ^ (N1 != 0) ^ (N2 != 0);
  endfunction
  localparam [63:0] INIT = {parity(0), majority(0)};
  localparam C = (W + 7) / 8;
  wire [W:0] m;
  wire [8*C-1:0] s, d, o, co;
  assign m[0] = (N0 + N1 + N2) > 1;
  genvar i;
  generate
    for (i = 0; i < 8*C; i = i + 1) begin : bits
      if (i < W) begin : used
        LUT6_2 #(.INIT(INIT)) lut (.I0(a[i]), .I1(b[i]), .I2(c[i]), .I3(m[i]), .I4(1'b0), .I5(1'b1), .O5(m[i+1]), .O6(s[i]));
        assign d[i] = m[i];
        assign y[i] = o[i];
      end else begin : unused
        assign s[i] = 1'b0;
        assign d[i] = 1'b0;
      end
    end
    for (i = 0; i < C; i = i + 1) begin : chains
      CARRY8 #(.CARRY_TYPE("SINGLE_CY8")) chain (.CI(i == 0 ? (N0 + N1 + N2) > 0 : co[8*i-1]), .CI_TOP(1'b0),
        .DI(d[8*i+7:8*i]), .S(s[8*i+7:8*i]), .O(o[8*i+7:8*i]), .CO(co[8*i+7:8*i]));
    end
  endgenerate
`endif
endmodule
