# Builds {{top}} with Quartus: quartus_sh -t quartus.tcl
# Give a device with: quartus_sh -t quartus.tcl DEVICE
package require ::quartus::project
package require ::quartus::flow
project_new {{top}} -overwrite
if {[llength $quartus(args)] > 0} { set_global_assignment -name DEVICE [lindex $quartus(args) 0] }
set_global_assignment -name TOP_LEVEL_ENTITY {{top}}
foreach file [glob rtl/*.v] { set_global_assignment -name VERILOG_FILE $file }
set_global_assignment -name SDC_FILE constraints.sdc
# Ports lead to other logic, not to pins.
set_instance_assignment -name VIRTUAL_PIN ON -to *
execute_flow -compile
project_close
