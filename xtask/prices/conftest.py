"""Its being here lets the tests import the generator's modules."""
