"""Importing this module loads the detectors' networks: the worker does so before it copies itself for an image."""

from visionkit import bodies, faces
from visionkit.networks import read_network

for _name in (bodies.NETWORK, faces.NETWORK):
    read_network(_name)
