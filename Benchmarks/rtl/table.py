print("no table yet")
