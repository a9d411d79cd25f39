import FixedPoint
