// y = d * a + c modulo 2^W, for a digit d = d[0] + d[1] - 2 * d[2] of -2 to 2: a row of a product of two words.
//
// FAMILY   0: plainly, for simulators and for tools that map it themselves.
//          1: UltraScale and UltraScale+, one LUT6 per bit and CARRY8. 2: the same for the 7 series, with CARRY4.
//
// The row of primitives chooses a bit of 0, a or 2 * a, complements it for a negative digit, and adds that of c, in one table; the
// carry chain's way by is c, and what the complement lacks is its carry in.
module tf_digit #(
  parameter W = 1,
  parameter FAMILY = 0
) (
  input  wire [W-1:0] a,
  input  wire [2:0]   d,
  input  wire [W-1:0] c,
  output wire [W-1:0] y
);
  generate
    if (FAMILY == 0) begin : plain
      wire once = d[0] ^ d[1];
      wire twice = d[2] ? ~(d[0] | d[1]) : d[0] & d[1];
      wire [W-1:0] part = (a & {W{once}}) | ((a << 1) & {W{twice}});
      assign y = d[2] ? c - part : c + part;
    end else begin : row
      // Columns of the table's inputs: I0 = a, I1 = a of the place below, I2, I3, I4 = d, I5 = c.
      localparam [63:0] I0 = 64'haaaa_aaaa_aaaa_aaaa;
      localparam [63:0] I1 = 64'hcccc_cccc_cccc_cccc;
      localparam [63:0] I2 = 64'hf0f0_f0f0_f0f0_f0f0;
      localparam [63:0] I3 = 64'hff00_ff00_ff00_ff00;
      localparam [63:0] I4 = 64'hffff_0000_ffff_0000;
      localparam [63:0] I5 = 64'hffff_ffff_0000_0000;
      localparam [63:0] TWICE = (I4 & ~I2 & ~I3) | (~I4 & I2 & I3);
      localparam [63:0] TABLE = (I0 & (I2 ^ I3)) ^ (I1 & TWICE) ^ I4 ^ I5;
      // Carry chains of whole blocks; places above W are zero.
      localparam BLOCKS = (W + 7) / 8;
      wire [W:0] word;
      wire [BLOCKS*8-1:0] select, other, total;
      wire [BLOCKS*8:0] carry;
      assign word = {a, 1'b0};
      assign carry[0] = d[2];
      genvar i;
      for (i = 0; i < BLOCKS * 8; i = i + 1) begin : place
        if (i < W) begin : used
          LUT6 #(.INIT(TABLE)) lut (
            .I0(word[i+1]), .I1(word[i]), .I2(d[0]), .I3(d[1]), .I4(d[2]), .I5(c[i]), .O(select[i]));
          assign other[i] = c[i];
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
