"""Pure rules of `portal.survey`: plain values in, plain values out."""
