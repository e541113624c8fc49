"""Four invented years of offices, to look at reports and to measure forecasts. Never imported by the product."""
