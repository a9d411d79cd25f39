# lint, simulate or synthesize {{top}} with open tools.
RTL := $(wildcard rtl/*.v)

.PHONY: lint verilator icarus yosys
lint:
	verilator --lint-only -Wall --top-module {{top}} $(RTL)

verilator:
	verilator --cc --exe --build -O3 --top-module bench --Mdir build/verilator $(abspath testbench/main.cpp) testbench/bench.v $(RTL)
	build/verilator/Vbench

icarus:
	mkdir -p build
	iverilog -g2001 -s clock -o build/bench testbench/clock.v testbench/bench.v $(RTL)
	vvp -n build/bench

yosys:
	yosys -q -s yosys.ys
