"""Pure rules of metering: volumes from readings, averages, norms and building meters; plausibility."""
