"""TOUR TO BLOK: officers walk the blocks, write down what is wrong, and bring back the answer.

A case is closed only when its answer has reached the cell. Its age runs from the first telling.
What concerns an officer is kept from that officer.
"""
