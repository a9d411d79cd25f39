// y = a + b + c + ONES modulo 2^W: a row of an adder graph with three operands.
//
// INVERT   bit 0, 1, 2: the complement of a, b, c is added; with a one for it, a, b, c is subtracted.
// ONES     0, 1 or 2.
// GATE     bit 0, 1, 2: a, b, c counts only where gate is 1 (what a ReLU lets through); LOW 1: only where it is 0 (a sign).
// PAIR     1: two operands only, a by GATE[0] and b by c: b counts only where c is 1, which is the same in all bits.
// FAMILY   0: a plain sum, for simulators and for tools that build adders of three operands themselves.
//          1: UltraScale and UltraScale+, one LUT6_2 per bit and CARRY8. 2: the same for the 7 series, with CARRY4.
//
// The row of primitives adds the three bits of a place to a sum bit and a majority bit, the majority of the place
// below is the second operand of the carry chain: both are functions of one LUT6_2. The lowest majority bit and the chain's
// carry in are the two ones.
module tf_sum3 #(
  parameter W = 1,
  parameter [2:0] INVERT = 3'b000,
  parameter [2:0] GATE = 3'b000,
  parameter LOW = 0,
  parameter PAIR = 0,
  parameter [1:0] ONES = 2'd0,
  parameter FAMILY = 0
) (
  input  wire [W-1:0] a,
  input  wire [W-1:0] b,
  input  wire [W-1:0] c,
  input  wire         gate,
  output wire [W-1:0] y
);
  generate
    if (FAMILY == 0) begin : plain
      wire counts = LOW != 0 ? ~gate : gate;
      wire [W-1:0] ga = GATE[0] ? a & {W{counts}} : a;
      wire [W-1:0] gb = PAIR != 0 ? b & c : GATE[1] ? b & {W{counts}} : b;
      wire [W-1:0] gc = PAIR != 0 ? {W{1'b0}} : GATE[2] ? c & {W{counts}} : c;
      localparam [W+1:0] FREE = {{W{1'b0}}, ONES};
      assign y = (ga ^ {W{INVERT[0]}}) + (gb ^ {W{INVERT[1]}}) + (gc ^ {W{INVERT[2]}}) + FREE[W-1:0];
    end else begin : row
      // Columns of the table's inputs: I0 = a, I1 = b, I2 = c, I3 = gate, I4 = majority below, I5 = 1 (for O6).
      localparam [63:0] I2 = 64'hf0f0_f0f0_f0f0_f0f0;
      localparam [63:0] I3 = 64'hff00_ff00_ff00_ff00 ^ {64{LOW != 0}};
      localparam [63:0] I4 = 64'hffff_0000_ffff_0000;
      localparam [63:0] I5 = 64'hffff_ffff_0000_0000;
      localparam [63:0] A = (64'haaaa_aaaa_aaaa_aaaa & (GATE[0] ? I3 : ~64'd0)) ^ {64{INVERT[0]}};
      localparam [63:0] B = (64'hcccc_cccc_cccc_cccc & (PAIR != 0 ? I2 : GATE[1] ? I3 : ~64'd0)) ^ {64{INVERT[1]}};
      localparam [63:0] C = (PAIR != 0 ? 64'd0 : I2 & (GATE[2] ? I3 : ~64'd0)) ^ {64{INVERT[2]}};
      localparam [63:0] TABLE = (I5 & (A ^ B ^ C ^ I4)) | (~I5 & ((A & B) | (A & C) | (B & C)));
      // Carry chains of whole blocks; places above W are zero.
      localparam BLOCKS = (W + 7) / 8;
      wire [W:0] majority;
      wire [BLOCKS*8-1:0] select, other, total;
      wire [BLOCKS*8:0] carry;
      assign majority[0] = ONES > 2'd0;
      assign carry[0] = ONES > 2'd1;
      genvar i;
      for (i = 0; i < BLOCKS * 8; i = i + 1) begin : place
        if (i < W) begin : used
          LUT6_2 #(.INIT(TABLE)) lut (
            .I0(a[i]), .I1(b[i]), .I2(c[i]), .I3(gate), .I4(majority[i]), .I5(1'b1),
            .O5(majority[i+1]), .O6(select[i]));
          assign other[i] = majority[i];
          assign y[i] = total[i];
        end else begin : unused
          assign select[i] = 1'b0;
          assign other[i] = 1'b0;
        end
      end
      for (i = 0; i < BLOCKS; i = i + 1) begin : block
        if (FAMILY == 1) begin : carry8
          CARRY8 chain (
            .CI(carry[8*i]), .CI_TOP(1'b0), .DI(other[8*i +: 8]), .S(select[8*i +: 8]),
            .O(total[8*i +: 8]), .CO(carry[8*i+1 +: 8]));
        end else begin : carry4
          CARRY4 low (
            .CI(i == 0 ? 1'b0 : carry[8*i]), .CYINIT(i == 0 ? carry[0] : 1'b0), .DI(other[8*i +: 4]),
            .S(select[8*i +: 4]), .O(total[8*i +: 4]), .CO(carry[8*i+1 +: 4]));
          CARRY4 high (
            .CI(carry[8*i+4]), .CYINIT(1'b0), .DI(other[8*i+4 +: 4]), .S(select[8*i+4 +: 4]),
            .O(total[8*i+4 +: 4]), .CO(carry[8*i+5 +: 4]));
        end
      end
    end
  endgenerate
endmodule
