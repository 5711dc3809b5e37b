"""The functions of the image workflow, one package each. They never import one another."""
