{{% CONTENT_TYPE:TEXT}}# Vitis HLS 2022.2 and later, from this folder:
#   vitis-run --mode hls --tcl build_prj.tcl          (2024.2 and later)
#   vitis_hls -f build_prj.tcl                        (before)
# build_opt.tcl says which steps run; vitis_hls also takes them as one argument: "csim=1 csynth=1 cosim=1 export=0".
source [file join [file dirname [info script]] build_opt.tcl]
if {[info exists ::argv]} {
  foreach argument $::argv {
    foreach word [split $argument] {
      if {[regexp {^(csim|csynth|cosim|export)=([01])$} $word -> step value]} { set run($step) $value }
    }
  }
}

open_project -reset {{top}}_prj
set_top {{top}}
add_files firmware/{{top}}.cpp -cflags "-std=c++14 -DNDEBUG"
add_files -tb {{top}}_test.cpp -cflags "-std=c++14 -DNDEBUG -Wno-unknown-pragmas"
add_files -tb tf_host.h
add_files -tb tb_data
open_solution -reset solution1 -flow_target vivado
set_part {{part}}
create_clock -period {{clock}} -name default
set_clock_uncertainty {{uncertainty}}% default
config_compile -name_max_length 80
{{#bindsMultipliers}}
config_op mul -impl {{multipliers}}
{{/bindsMultipliers}}

if {$run(csim)} { csim_design }
if {$run(csynth)} { csynth_design }
if {$run(cosim)} { cosim_design -trace_level none }
if {$run(export)} { export_design -format ip_catalog }
exit
