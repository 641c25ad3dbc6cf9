// Two unequal accelerators in the form of XRBench's hardware configurations (XRBench-MLSys2023, MIT).

Accelerator Acc0 {
  num_pes: 3072
  offchip_bw: 128
  top_noc_bw: 128
  top_noc_latency: 1
  top_noc_multicast: True  
  col_noc_bw: 128
  col_noc_latency: 1
  col_noc_multicast: True
  global_shared_memory: 2097152 // 2 MiB
  PE_local_memory: 8192 // 8 KiB
}

Accelerator Acc1 {
  num_pes: 1024
  offchip_bw: 128
  top_noc_bw: 128
  top_noc_latency: 1
  top_noc_multicast: True  
  col_noc_bw: 128
  col_noc_latency: 1
  col_noc_multicast: True
  global_shared_memory: 2097152 // 2 MiB
  PE_local_memory: 8192 // 8 KiB
}
