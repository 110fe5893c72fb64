"""The one seam to the network: every call to a state system goes through `call`."""
