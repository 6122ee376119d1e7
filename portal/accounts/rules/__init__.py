"""Pure rules of `portal.accounts`: plain values in, plain values out."""
