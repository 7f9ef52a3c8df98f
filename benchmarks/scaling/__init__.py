"""How much faster several processes train, measured for two and modelled for 1,024."""
