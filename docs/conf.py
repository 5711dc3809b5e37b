"""Sphinx settings of the documentation. No page may load anything from another host: tools/docs_site.py checks that."""

import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "constructs"), str(ROOT / "local")]

project = "Safelight"
author = "The Safelight contributors"
copyright = "The Safelight contributors. Apache-2.0"  # noqa: A001 - Sphinx's name for it
exclude_patterns = ["requirements.*"]

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_copybutton",
    "sphinx_design",
    "tools.docs_site",
    "tools.docs_reference",
]

# Markdown
myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 4
highlight_language = "text"

# API reference: NumPy docstrings; text between single backticks is code.
default_role = "code"
napoleon_google_docstring = False
napoleon_use_ivar = True
autodoc_default_options = {"members": True, "member-order": "bysource"}
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented"
autodoc_typehints_format = "short"
autodoc_preserve_defaults = True
python_maximum_signature_line_length = 80
python_use_unqualified_type_names = True
add_module_names = False
toc_object_entries_show_parents = "hide"

# HTML
html_theme = "furo"
html_title = "Safelight"
html_logo = "images/logo.svg"
html_favicon = "images/logo.svg"
html_static_path = ["static"]
html_css_files = ["safelight.css"]
html_js_files = ["safelight.js"]
html_copy_source = False
html_show_sphinx = False
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#a62b12", "color-brand-content": "#a62b12"},
    "dark_css_variables": {"color-brand-primary": "#ff9b80", "color-brand-content": "#ff9b80"},
}

# Blocks of commands and of code have a copy button, which leaves prompts out. Examples of output are `text`: no button.
copybutton_selector = "div.highlight:not(.highlight-text *) pre"
copybutton_prompt_text = "$ "
copybutton_line_continuation_character = "\\"
copybutton_here_doc_delimiter = "EOF"
