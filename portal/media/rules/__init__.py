"""Pure rules of `portal.media`: plain values in, plain values out."""
