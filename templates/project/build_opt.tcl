{{% CONTENT_TYPE:TEXT}}# The steps that build_prj.tcl runs: 1 yes, 0 no. C simulation and co-simulation compare every word with
# tb_data/expected.dat and fail where one differs.
array set run {
  csim 1
  csynth 1
  cosim 0
  export 0
}
