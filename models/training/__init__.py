"""What the example models share: input grid, reports, the files a model consists of, a check with hls4ml."""
