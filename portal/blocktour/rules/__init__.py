"""Pure rules of `portal.blocktour`: plain values in, plain values out."""
