"""Pure rules of `portal.remissions`: plain values in, plain values out."""
