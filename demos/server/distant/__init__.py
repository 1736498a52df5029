"""What engines share whose model runs elsewhere: cards, prices, keys, meters and patience."""
