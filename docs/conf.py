"""How the pages are built: `make pages`, or `python -m sphinx -W docs build/docs`."""

project = "s2sad"
extensions = ["myst_parser"]
html_theme = "alabaster"
html_title = "s2sad"
html_theme_options = {"description": "Derivatives of Python, as Python", "page_width": "64rem"}
myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 3
exclude_patterns = ["README.md"]
suppress_warnings = ["misc.highlighting_failure"]
