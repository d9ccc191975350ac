"""Tariffs: plans, dated versions with the decision behind them, rates, price structure, norms; the pure rating rules."""
