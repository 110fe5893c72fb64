"""The wizard's forms: they say whether an answer has a shape; rules live in the modules named after them."""
