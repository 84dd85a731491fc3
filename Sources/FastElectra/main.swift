print("fast-electra")
