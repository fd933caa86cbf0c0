"""LiveCrew: policy by computation. Values in, values out; no I/O."""
