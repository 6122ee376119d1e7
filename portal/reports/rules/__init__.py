"""Pure rules of `portal.reports`: plain values in, plain values out."""
