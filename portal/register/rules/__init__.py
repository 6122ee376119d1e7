"""Pure rules of `portal.register`: plain values in, plain values out."""
