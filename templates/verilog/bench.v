// Plays tb_data/stimulus.dat to {{top}} and writes down what comes out; clock.v or main.cpp gives the clock.
//
// One line of stimulus.dat is one cycle: the bits {words, valid_in, rst} as hexadecimal numbers of 256 bits, the lowest
// first. One line of results.dat is what is seen in that cycle: {words, valid_out}. Where tb_data/expected.dat is there, it is
// what must be seen: valid_out in every cycle, words where it is 1.
module bench (input wire clk);
  localparam IN = {{inputBits}};
  localparam OUT = {{outputBits}};
  localparam PARTS = (IN + 2 + 255) / 256;
  reg [PARTS*256-1:0] line;
  reg [PARTS*256-1:0] next;
  reg [255:0] part;
  reg [OUT:0] wanted;
  reg [8*256-1:0] folder;
  wire [OUT-1:0] words;
  wire valid_out;
  wire [OUT:0] seen = {words, valid_out};
  reg started;
  integer stimulus, results, expected, i, good, checked, failed;

  {{top}} dut (
    .clk(clk), .rst(line[0]), .valid_in(line[1]), .valid_out(valid_out){{#inputs}},
    .{{name}}(line[{{high}}:{{low}}]){{/inputs}}{{#outputs}},
    .{{name}}(words[{{high}}:{{low}}]){{/outputs}}
  );

  initial begin
    line = 0;
    started = 1'b0;
    checked = 0;
    failed = 0;
    stimulus = $fopen("tb_data/stimulus.dat", "r");
    expected = $fopen("tb_data/expected.dat", "r");
    results = $fopen("results.dat", "w");
    if (stimulus == 0 || results == 0) begin
      $display("bench: cannot open tb_data/stimulus.dat or results.dat");
      $finish;
    end
  end

  always @(posedge clk) begin
    started <= 1'b1;
    // Words of cycles without results may be undefined, and would make valid_out unreadable beside them.
    if (started) $fwrite(results, "%h\n", valid_out === 1'b0 ? {(OUT + 1){1'b0}} : seen);
    if (started && expected != 0) begin
      good = $fscanf(expected, "%h", wanted);
      if (good == 1) begin
        checked = checked + 1;
        if (seen[0] !== wanted[0] || (wanted[0] && seen !== wanted)) begin
          failed = failed + 1;
          if (failed <= 10) $display("bench: cycle %0d: %h, expected %h", checked, seen, wanted);
        end
      end
    end
    good = 1;
    next = 0;
    for (i = 0; i < PARTS; i = i + 1) begin
      if (good == 1) good = $fscanf(stimulus, "%h", part);
      next[i*256 +: 256] = part;
    end
    line <= next;
    if (good != 1) begin
      if (expected != 0) $display("bench: %0d of %0d cycles differ: %0s", failed, checked, failed == 0 ? "PASS" : "FAIL");
      $fclose(results);
      $finish;
    end
  end
endmodule
