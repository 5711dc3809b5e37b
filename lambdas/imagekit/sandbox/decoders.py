"""Import Pillow's plugins before a worker forks.

Pillow imports a plugin when the first file of its type comes. In a child that would be lost.
"""

from importlib import import_module

from PIL import Image

from imagekit.formats.registry import FORMATS

Image.preinit()
for _format in FORMATS.values():
    for _plugin in _format.plugins:
        import_module(_plugin)
