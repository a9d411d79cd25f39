# Builds {{top}} out of context with Vivado: vivado -mode batch -source vivado.tcl
# Its reports, which 'triggerfish report --import' reads, are in vivado/.
set part {{#part}}{{part}}{{/part}}{{^part}}xcvu13p-flga2577-2-e{{/part}}
set outputs [file join [file dirname [file normalize [info script]]] vivado]
file mkdir $outputs
create_project -in_memory -part $part
read_verilog [glob rtl/*.v]
read_xdc -mode out_of_context constraints.xdc
synth_design -top {{top}} -part $part -mode out_of_context -flatten_hierarchy rebuilt -max_dsp {{dsp}}{{#hasRows}} \
  -generic FAMILY={{family}}{{/hasRows}}
opt_design
place_design
phys_opt_design
route_design
report_utilization -file $outputs/utilization.rpt
report_utilization -hierarchical -file $outputs/utilization_hierarchical.rpt
report_timing_summary -file $outputs/timing.rpt
write_checkpoint -force $outputs/{{top}}.dcp
