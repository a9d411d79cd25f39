# Clock of {{top}}, in ns; ports are left to what is around it.
create_clock -period {{clock}} -name clk [get_ports clk]
